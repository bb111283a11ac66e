from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('newsletter', '0004_digest_rate'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='provider_id',
            field=models.CharField(blank=True, max_length=255, verbose_name="the provider's number"),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='provider_ids'),
        ),
    ]
