"""The last look before a digest goes: a test mail, and the question with every number."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from editorial import rules
from newsletter import digests
from newsletter.doctor import fitness
from newsletter.models import Digest, Trial, TrialGroup
from newsletter.postbox import WireError

from .control_room import context_of, find_digest, mail_of, show


class StartForm(forms.Form):
    """What the question showed, and the tick."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput)
    untested = forms.BooleanField(
        required=False, label=gettext_lazy("Send it without a test mail")
    )
    despite = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Send it all the same, because"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class TrialForm(forms.Form):
    """To whom; nobody named is whoever presses."""

    group = forms.ModelChoiceField(TrialGroup.objects.all(), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """States whom it goes to, as what and how big (GET); the press sends it (POST)."""
    shown = find_digest(request, slug)
    if request.method != "POST":
        return _ask(request, shown)
    form = StartForm(request.POST)
    if not form.is_valid():
        raise BadRequest(form.errors.as_text())
    said: dict[str, Any] = form.cleaned_data
    shown.version = said["version"]
    look = digests.LastLook(said["revision"], said["untested"])
    try:
        digests.start_digest(
            digest=shown, by=request.user, look=look, despite=said["despite"]
        )
    except ValidationError as error:
        return _ask(request, find_digest(request, slug), error)
    messages.success(request, _("It is on its way."))
    return redirect("readers:digest", slug)


def _ask(
    request: HttpRequest, shown: Digest, error: ValidationError | None = None
) -> HttpResponse:
    context = context_of(request, shown)
    mail = mail_of(shown)
    if error is None and not (context["report"].readers and mail):
        return redirect("readers:digest", shown.issue.slug)
    as_seen = {
        "version": shown.version,
        "revision": shown.issue.live_revision_id,
        "untested": "untested" in request.POST,
        "despite": request.POST.get("despite", ""),
    }
    context |= {
        "mail": mail,
        "errors": error.messages if error else [],
        "form": StartForm(initial=as_seen),
        "readership": digests.readership(),
        "size": digests.size_of(mail) if isinstance(mail, digests.Rendered) else 0,
        "tested": digests.trial_of(shown),
        "unfit": fitness.is_unfit(shown),
        "may_overrule": rules.is_admin(request.user),
    }
    template = "newsletter/desk/ask_start.html"
    return render(request, template, context, status=400 if error else 200)


@require_POST
@login_required
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    """One copy to whoever presses, or one to each of a group.

    With the mail server's own words if it refuses.
    """
    shown = find_digest(request, slug)
    form = TrialForm(request.POST)
    if not form.is_valid():
        raise BadRequest(form.errors.as_text())
    group = form.cleaned_data["group"]
    try:
        sent = digests.send_trial(digest=shown, by=request.user, group=group)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return show(request, shown, status=400)
    except (WireError, digests.Unrenderable) as error:
        words = _("The test mail did not leave: %(words)s")
        messages.error(request, words % {"words": error})
        return show(request, shown, status=502)
    messages.success(request, _sent_words(request, sent, group))
    back = "readers:start" if "then" in request.POST else "readers:digest"
    return redirect(back, slug)


def _sent_words(request: HttpRequest, sent: Trial, group: TrialGroup | None) -> str:
    if group is None:
        words = _("A test mail is on its way to %(address)s.")
        return words % {"address": request.user.email}
    words = _("%(taken)d of %(all)d test mails to %(group)s are on their way.")
    return words % {"taken": sent.accepted, "all": sent.copies, "group": group}
