from django.db import migrations, models


class Migration(migrations.Migration):
    """Where a picture that was fetched from an address came from."""

    dependencies = [("editorial", "0006_say_what_went_wrong")]

    operations = [
        migrations.AddField(
            model_name="itemimage",
            name="source_url",
            field=models.URLField(blank=True, max_length=2048, verbose_name="came from"),
        ),
    ]
