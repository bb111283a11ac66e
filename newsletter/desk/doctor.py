"""The deliverability doctor's page: what was found, and presses to look again."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from editorial import rules
from newsletter import signing
from newsletter.doctor import check_mails, examining, findings
from newsletter.doctor.words import title_of, words_of
from newsletter.models import DoctorRun
from newsletter.postbox import WireError
from newsletter.states import Fitness


class SourceForm(forms.Form):
    """A mail as it came over the wire, headers and all."""

    source = forms.CharField(
        label=gettext_lazy("Its source, all of it"),
        strip=False,
        max_length=check_mails.MOST,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def doctor(request: HttpRequest) -> HttpResponse:
    """The newest examination (GET); have a worker look again (POST)."""
    rules.require(rules.is_editor, request.user)
    if request.method == "POST":
        examining.ask(by=request.user)
        return redirect("readers:doctor")
    return _show(request, SourceForm())


@require_POST
@login_required
def check_mail(request: HttpRequest) -> HttpResponse:
    """The test mail, to whoever presses."""
    try:
        check_mails.send(by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _show(request, SourceForm(), status=400)
    except (WireError, signing.KeyUnusable) as error:
        words = _("The test mail did not leave: %(words)s")
        messages.error(request, words % {"words": error})
        return _show(request, SourceForm(), status=502)
    words = _("A test mail is on its way to %(address)s.")
    messages.success(request, words % {"address": request.user.email})
    return redirect(reverse("readers:doctor") + "#test-mail")


@require_POST
@login_required
def check_source(request: HttpRequest) -> HttpResponse:
    """The test mail's source, brought back from a mailbox."""
    rules.require(rules.is_editor, request.user)
    form = SourceForm(request.POST)
    if form.is_valid():
        try:
            check_mails.read(form.cleaned_data["source"].encode())
        except ValidationError as error:
            form.add_error("source", error)
    if form.errors:
        return _show(request, form, status=400)
    messages.success(request, _("Read. What its headers say stands among the checks."))
    return redirect("readers:doctor")


def _show(request: HttpRequest, form: SourceForm, status: int = 200) -> HttpResponse:
    run = examining.latest()
    found = findings.in_order(examining.findings_of(run))
    context = {
        "run": run,
        "waiting": DoctorRun.objects.waiting().first(),
        "verdict": findings.worst(found).value if found else "",
        "groups": [(status, _told(found, status)) for status in _SHOWN],
        "passed": _told(found, Fitness.OK),
        "settings_of": _SETTINGS if rules.is_admin(request.user) else (),
        "form": form,
        "sent": check_mails.newest(),
        "comes_back": check_mails.comes_back(),
    }
    return render(request, "newsletter/desk/doctor.html", context, status=status)


_SETTINGS = ("sender", "reply_to", "postal")  # mended in the publication's settings
_SHOWN = (Fitness.FAILING, Fitness.UNKNOWN, Fitness.ADVICE)


def _told(found: list[findings.Finding], status: Fitness) -> list[dict[str, object]]:
    return [
        {
            "topic": one.topic,
            "title": title_of(one.topic),
            "words": words_of(one),
            "put": one.put,
        }
        for one in found
        if one.status == status
    ]
