"""The publication itself: founding it, the first steps after, its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from editorial import founding, publication, rules
from editorial.models import Issue, Publication, User

from .people_forms import blame
from .setup_forms import (
    COMMON_TIME_ZONES,
    PublicationForm,
    SetupForm,
    filled,
    section_rows,
    topic_rows,
)

# --- founding ---------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str = "") -> HttpResponse:
    """Found one's own publication: in development, or in production by a signed link."""
    if not (settings.DEVELOPMENT or founding.is_setup_token(token)):
        raise Http404
    if not founding.is_open():
        return render(request, "editorial/team/setup_done.html", status=410)
    sample = founding.sample_size()
    initial = {**SetupForm.INITIAL, "language": _spoken()}
    form = SetupForm(
        request.POST or None, initial=initial, has_sample=sample is not None
    )
    if form.is_valid():
        response = _found(request, form)
        if response is not None:
            return response
    context = {"form": form, "sample": sample, "time_zones": COMMON_TIME_ZONES}
    status = 400 if form.is_bound else 200
    return render(request, "editorial/team/setup.html", context, status=status)


def _spoken() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def _found(request: HttpRequest, form: SetupForm) -> HttpResponse | None:
    try:
        _made, admin = founding.found_publication(form.charter())
    except founding.AlreadyFounded:
        return render(request, "editorial/team/setup_done.html", status=410)
    except ValidationError as error:
        blame(form, error)
        return None
    logout(request)  # whoever looked around the sample is nobody any more
    return perform_login(
        request,
        admin,
        email_verification="none",
        redirect_url=reverse("desk:first_steps"),
        email=admin.email,
    )


@login_required
@require_safe
def first_steps(request: HttpRequest) -> HttpResponse:
    """What a new publication still wants: people, an issue, a sender."""
    rules.require(rules.can_manage_publication, request.user)
    context = {
        "publication": Publication.objects.current(),
        "people": User.objects.active().count(),
        "issues": Issue.objects.count(),
    }
    return render(request, "editorial/team/first_steps.html", context)


# --- settings ---------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publication_settings(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_manage_publication, request.user)
    form = PublicationForm(request.POST or None, instance=_publication())
    if form.is_valid():
        try:
            publication.change_publication(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:publication")
    return _show(request, form=form, status=400 if form.is_bound else 200)


@login_required
@require_POST
def sections(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_manage_publication, request.user)
    rows = section_rows(request.POST)
    save = publication.save_sections
    if _save_rows(rows, lambda words: save(by=request.user, rows=words)):
        messages.success(request, _("Sections saved."))
        return redirect(reverse("desk:publication") + "#sections")
    return _show(request, sections=rows, status=400)


@login_required
@require_POST
def topics(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_manage_publication, request.user)
    rows = topic_rows(request.POST)
    save = publication.save_topics
    if _save_rows(rows, lambda words: save(by=request.user, rows=words)):
        messages.success(request, _("Topics saved."))
        return redirect(reverse("desk:publication") + "#topics")
    return _show(request, topics=rows, status=400)


def _save_rows(formset: BaseFormSet, save: Callable[[list[Any]], Any]) -> bool:
    """Hand the rows to the domain; what it refuses is shown at the row it names."""
    if not formset.is_valid():
        return False
    rows: list[Any] = filled(formset)
    try:
        save([row.words() for row in rows])
    except publication.RowRefused as error:
        blame(rows[error.row], error)
    except ValidationError as error:
        for sentence in error.messages:
            formset.non_form_errors().append(sentence)
    else:
        return True
    return False


def _publication() -> Publication:
    found = Publication.objects.current()
    if found is None:
        raise Http404
    return found


def _show(request: HttpRequest, *, status: int, **given: Any) -> HttpResponse:
    context = {
        "form": given.get("form") or PublicationForm(instance=_publication()),
        "sections": given.get("sections") or section_rows(),
        "topics": given.get("topics") or topic_rows(),
        "time_zones": COMMON_TIME_ZONES,
    }
    return render(request, "editorial/team/publication.html", context, status=status)
