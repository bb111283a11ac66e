"""The deliverability doctor's page: what was found, and a press to look again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from editorial import rules
from newsletter.doctor import examining, findings
from newsletter.doctor.words import title_of, words_of
from newsletter.models import DoctorRun
from newsletter.states import Fitness


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def doctor(request: HttpRequest) -> HttpResponse:
    """The newest examination (GET); have a worker look again (POST)."""
    rules.require(rules.is_editor, request.user)
    if request.method == "POST":
        examining.ask(by=request.user)
        return redirect("readers:doctor")
    run = examining.latest()
    found = findings.in_order(examining.findings_of(run)) if run else []
    context = {
        "run": run,
        "waiting": DoctorRun.objects.waiting().first(),
        "verdict": findings.worst(found).value if found else "",
        "groups": [(status, _told(found, status)) for status in _SHOWN],
        "passed": _told(found, Fitness.OK),
        "settings_of": _SETTINGS if rules.is_admin(request.user) else (),
    }
    return render(request, "newsletter/desk/doctor.html", context)


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
