from django.db import migrations
from django.db.models import F, Q
from django.utils import timezone


def plan(apps, schema_editor):
    """Links that readers have, and those never visited, join the schedule now."""
    Link = apps.get_model("editorial", "Link")
    ItemLink = apps.get_model("editorial", "ItemLink")
    printed = ItemLink.objects.filter(
        item__issue__state="published", item__state="approved"
    )
    used = ItemLink.objects.values("link")
    due = Q(pk__in=printed.values("link")) | Q(checked_at=None, pk__in=used)
    Link.objects.filter(due).update(next_check_at=timezone.now())
    Link.objects.filter(verdict_since=None).update(verdict_since=F("checked_at"))


class Migration(migrations.Migration):
    dependencies = [("editorial", "0002_links_over_time")]

    operations = [migrations.RunPython(plan, migrations.RunPython.noop)]
