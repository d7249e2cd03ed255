from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_salts_and_heartbeats'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='job',
            options={'ordering': ['-id'], 'permissions': [('view_dashboard', 'Can see the dashboard of the team'), ('operate', 'Can try failed work again')]},
        ),
    ]
