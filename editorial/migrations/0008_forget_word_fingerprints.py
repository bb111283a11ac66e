"""Fingerprints are now taken of pieces, not of words: older ones compare with none.

The next visit of each link takes it anew, and what that visit finds is what the author
is taken to have seen.
"""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("editorial", "Link").objects.exclude(fingerprint="").update(
        fingerprint=""
    )
    apps.get_model("editorial", "ItemLink").objects.exclude(seen_fingerprint="").update(
        seen_fingerprint=""
    )


class Migration(migrations.Migration):
    dependencies = [("editorial", "0007_picture_source")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
