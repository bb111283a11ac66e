from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('newsletter', '0011_unwritten_copies'),
    ]

    operations = [
        migrations.AlterField(
            model_name='digestevent',
            name='verb',
            field=models.CharField(choices=[('hold', 'Held'), ('count', 'Set to start by itself'), ('test', 'Test mail sent'), ('untested', 'Ticked to go without a test mail'), ('overruled', 'Sent despite the mail check-up'), ('start', 'Sending asked for'), ('self_start', 'Started by itself'), ('freeze', 'Text and readers written down'), ('rate', 'Speed changed'), ('pause', 'Paused'), ('resume', 'Sending goes on'), ('cancel', 'Cancelled'), ('finish', 'Done'), ('reopen', 'Opened again'), ('assume', 'Uncertain ones assumed delivered'), ('resend', 'Uncertain ones sent again')], max_length=10, verbose_name='verb'),
        ),
    ]
