"""The entry of the field guide that a known answer points to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("classify", "0004_purposes_and_pictures")]

    operations = [
        migrations.AddField(
            model_name="goldkey",
            name="guide",
            field=models.SlugField(blank=True, db_default="", default="", help_text="Entry of the field guide about what is to be seen."),
        ),
        migrations.AlterField(
            model_name="goldkey",
            name="marks",
            field=models.JSONField(blank=True, default=list, help_text='[{"x1", "y1", "x2", "y2"}], cutout px of the first frame.'),
        ),
    ]
