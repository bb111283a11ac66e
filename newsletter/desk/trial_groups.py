"""Test groups: whom a digest is shown to before its readers get it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from editorial import rules
from editorial.models import User
from newsletter import digests
from newsletter.models import TrialGroup


class TrialGroupForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the group"), max_length=60)
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Colleagues"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    addresses = forms.CharField(
        label=gettext_lazy("Other addresses, one a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Mailed only when an admin sends the test."),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["members"]
        members.queryset = User.objects.active().order_by("name")
        if not rules.can_see_subscribers(by):
            del self.fields["addresses"]

    def words(self) -> digests.GroupWords:
        said = self.cleaned_data
        addresses = said.get("addresses")
        return digests.GroupWords(
            name=said["name"],
            members=list(said["members"]),
            addresses=None if addresses is None else addresses.split(),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def trial_groups(request: HttpRequest) -> HttpResponse:
    """Every group, and a form for one more."""
    rules.require(rules.is_editor, request.user)
    form = TrialGroupForm(request.POST or None, by=request.user)
    if _saved(request, form):
        return redirect("readers:trial_groups")
    groups = TrialGroup.objects.annotate(colleagues=Count("members"))
    context = {"form": form, "groups": groups}
    status = 400 if form.is_bound else 200
    template = "newsletter/desk/trial_groups.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def trial_group(request: HttpRequest, pk: int) -> HttpResponse:
    """One group: who is in it."""
    rules.require(rules.is_editor, request.user)
    group = get_object_or_404(TrialGroup, pk=pk)
    initial = {
        "name": group.name,
        "members": group.members.all(),
        "addresses": "\n".join(group.addresses),
    }
    form = TrialGroupForm(request.POST or None, initial=initial, by=request.user)
    if _saved(request, form, group):
        return redirect("readers:trial_groups")
    context = {"form": form, "group": group}
    status = 400 if form.is_bound else 200
    template = "newsletter/desk/trial_group.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first."""
    rules.require(rules.is_editor, request.user)
    group = get_object_or_404(TrialGroup, pk=pk)
    if request.method != "POST":
        template = "newsletter/desk/ask_delete_group.html"
        return render(request, template, {"group": group})
    digests.delete_trial_group(by=request.user, group=group)
    messages.success(request, _("The group is gone."))
    return redirect("readers:trial_groups")


def _saved(
    request: HttpRequest, form: TrialGroupForm, group: TrialGroup | None = None
) -> bool:
    if not form.is_valid():
        return False
    try:
        digests.save_trial_group(by=request.user, words=form.words(), group=group)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
        return False
    messages.success(request, _("Saved."))
    return True
