"""The team: who is in it, inviting, roles, leaving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from editorial import people, rules
from editorial.models import Invitation, Publication, Role, User

from .people_forms import InviteForm, LinkForm, blame


@login_required
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    return _show_team(request)


def _show_team(
    request: HttpRequest,
    *,
    form: InviteForm | None = None,
    made: tuple[Invitation, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that did not pass, or a link that is shown just once."""
    user = request.user
    inviting: dict[str, Any] = {}
    if rules.can_invite(user):
        inviting = {
            "form": form or InviteForm(by=user),
            "link_form": LinkForm(by=user),
            "credited": InviteForm.credited(),
            "invitations": people.open_invitations(),
            "made": made,
        }
    return render(
        request,
        "editorial/team/team.html",
        {
            "colleagues": people.colleagues(),
            "can_manage": rules.can_manage_people(user),
            "roles": Role.choices,
            "publication": Publication.objects.current(),
            **inviting,
        },
        status=status,
    )


@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_invite, request.user)
    form = InviteForm(request.POST, by=request.user)
    if not form.is_valid():
        return _show_team(request, form=form, status=400)
    try:
        invitation = people.invite_by_mail(by=request.user, **form.cleaned_data)
    except (ValidationError, people.MailRefused) as error:
        blame(form, error if isinstance(error, ValidationError) else _sentence(error))
        status = 400 if isinstance(error, ValidationError) else 502
        return _show_team(request, form=form, status=status)
    messages.success(
        request,
        _("Invitation mailed to %(email)s.") % {"email": invitation.email},
    )
    return redirect("desk:team")


def _sentence(error: Exception) -> ValidationError:
    return ValidationError(str(error))


@login_required
@require_POST
@never_cache
def invite_link(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_invite, request.user)
    form = LinkForm(request.POST, by=request.user)
    if not form.is_valid():
        return _show_team(request, status=400)
    made = people.invite_by_link(by=request.user, role=form.cleaned_data["role"])
    return _show_team(request, made=made)


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    rules.require(rules.can_invite, request.user)
    invitation = get_object_or_404(Invitation, pk=pk)
    people.revoke_invitation(invitation=invitation, by=request.user)
    messages.success(request, _("The invitation is taken back; its link is dead."))
    return redirect("desk:team")


@login_required
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    rules.require(rules.can_manage_people, request.user)
    user = get_object_or_404(User, pk=pk)
    return _manage(
        request,
        lambda: people.change_role(
            user=user, by=request.user, role=request.POST.get("role", "")
        ),
        _("%(name)s: role changed.") % {"name": user},
    )


@login_required
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    rules.require(rules.can_manage_people, request.user)
    user = get_object_or_404(User, pk=pk)
    return _manage(
        request,
        lambda: people.deactivate(user=user, by=request.user),
        _("%(name)s can no longer sign in.") % {"name": user},
    )


@login_required
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    rules.require(rules.can_manage_people, request.user)
    user = get_object_or_404(User, pk=pk)
    return _manage(
        request,
        lambda: people.reactivate(user=user, by=request.user),
        _("%(name)s can sign in again.") % {"name": user},
    )


def _manage(request: HttpRequest, deed: Any, done: str) -> HttpResponse:
    """Do it and go back, or show the page again with the reason why not."""
    try:
        deed()
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return _show_team(request, status=400)
    messages.success(request, done)
    return redirect("desk:team")
