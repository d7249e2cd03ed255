"""Django admin of accounts."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from hunter.models import User

admin.site.register(User, UserAdmin)
admin.site.site_header = "Hunter"
admin.site.site_title = "Hunter"
