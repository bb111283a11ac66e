"""My turn: what I owe, what waits for me, what colleagues write; and the rest of me."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from editorial import board, duties, people
from editorial.desk.doors import PRESS, READ, door, parsed
from editorial.desk.forms import LanguageForm


@door(READ)
def my_turn(request: HttpRequest) -> HttpResponse:
    issues = list(board.open_issues())
    request.duties = duties.owed_by(request.user)
    asked = set(request.duties.to_review)
    others = duties.others_work(request.user)
    request.errands = duties.errands(request.user)
    context = {
        "duties": request.duties,
        "errands": request.errands,
        "waiting": request.duties.count + len(request.errands),
        "current": issues[0] if issues else None,
        "led": [issue for issue in issues if issue.lead_editor_id == request.user.pk],
        "others": [item for item in others if item not in asked],
    }
    return render(request, "editorial/my_turn.html", context)


@door(READ)
def more(request: HttpRequest) -> HttpResponse:
    """What a phone has no rail for: every page, language, shortcuts, signing out."""
    form = LanguageForm(initial={"language": translation.get_language()})
    return render(request, "editorial/more.html", {"form": form})


@door(PRESS)
def choose_language(request: HttpRequest) -> HttpResponse:
    language = parsed(LanguageForm(request.POST))["language"]
    people.choose_language(user=request.user, language=language)
    with translation.override(language):
        messages.success(request, _("The desk speaks English now."))
    return redirect("desk:more")
