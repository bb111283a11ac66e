"""The publication, its sections and topics."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from editorial.models import Publication, Section, Topic

from .base import ReadOnlyAdmin, TidyForm


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """Read here; its settings page on the desk keeps the trail."""

    list_display = ("name", "language", "cadence", "time_zone", "review")


class TopicForm(TidyForm):
    def clean_aliases(self) -> list[str]:
        names = self.cleaned_data["aliases"] or []
        if not (isinstance(names, list) and all(isinstance(n, str) for n in names)):
            raise ValidationError(_('Write a list of names: ["k8s", "kube"].'))
        return names


@admin.register(Section)
class SectionAdmin(admin.ModelAdmin):
    form = TidyForm
    list_display = ("title", "recurring", "position", "link_required")
    list_filter = ("recurring",)
    search_fields = ("title",)
    readonly_fields = ("slug",)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    form = TopicForm
    list_display = ("name", "aliases")
    search_fields = ("name",)
    readonly_fields = ("slug",)
