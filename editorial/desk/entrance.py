"""Ways in besides the login page: an invitation, a mailed link, the sample's people."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from editorial import people
from editorial.models import Invitation, Publication, User

from .people_forms import JoinForm, ProfileForm, blame


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation. Opening it changes nothing (mail scanners do); the press joins."""
    try:
        invitation = people.find_invitation(token)
    except people.InvitationClosed:
        return _closed(request)
    if request.method != "POST":
        return _show_join(request, invitation, _join_form(invitation))
    if request.user.is_authenticated:
        raise PermissionDenied(_("You are signed in already."))
    if not ratelimit.consume(request, action="signup"):
        return ratelimit.respond_429(request)
    return _join(request, invitation, token)


def _join(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    form = _join_form(invitation, request.POST)
    if not form.is_valid():
        return _show_join(request, invitation, form, status=400)
    try:
        user = people.accept_invitation(token=token, **form.cleaned_data)
    except people.InvitationClosed:
        return _closed(request)
    except people.NameIsCredited as error:
        form = _join_form(invitation, request.POST, ask_credited=True)
        blame(form, error)
        return _show_join(request, invitation, form, status=400)
    except ValidationError as error:
        blame(form, error)
        return _show_join(request, invitation, form, status=400)
    return _sign_in(request, user, after=reverse("desk:my_turn"))


def _join_form(invitation: Invitation, data=None, *, ask_credited=False) -> JoinForm:
    return JoinForm(
        data,
        initial={"name": invitation.name},
        known_address=invitation.email,
        ask_credited=ask_credited,
    )


def _show_join(
    request: HttpRequest, invitation: Invitation, form: JoinForm, *, status: int = 200
) -> HttpResponse:
    login = reverse(settings.LOGIN_URL)
    address = form.data.get("email", "") if form.is_bound else invitation.email
    context = {
        "invitation": invitation,
        "form": form,
        "login_url": f"{login}?{urlencode({'email': address})}" if address else login,
    }
    return render(request, "editorial/team/join.html", context, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "editorial/team/join_closed.html", status=410)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """A mailed sign-in link. Opening it shows a button; the press signs in, once."""
    user = people.user_of_sign_in_token(token)
    if user is None:
        return render(request, "editorial/team/enter_closed.html", status=410)
    after = get_next_redirect_url(request)
    if request.method != "POST":
        context = {"person": user, "next": after}
        return render(request, "editorial/team/enter.html", context)
    return _sign_in(request, user, after=after)


@require_POST
@sensitive_post_parameters()
def enter_sample(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the sample's people: in development, in the sample only."""
    publication = Publication.objects.current()
    if not (settings.DEVELOPMENT and publication and publication.is_sample):
        raise Http404
    sample = User.objects.active().filter(is_sample=True)
    user = get_object_or_404(sample, email=request.POST.get("email", ""))
    return _sign_in(request, user, after=get_next_redirect_url(request))


def _sign_in(request: HttpRequest, user: User, *, after: str | None) -> HttpResponse:
    """Through allauth, so that a second factor is asked for where there is one."""
    return perform_login(
        request, user, email_verification="none", redirect_url=after, email=user.email
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = User.objects.select_related("author").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, initial=ProfileForm.initial_of(user))
    if form.is_valid():
        try:
            people.edit_profile(user=user, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:profile")
    status = 400 if form.is_bound else 200
    context = {"form": form, "person": user}
    return render(request, "editorial/team/profile.html", context, status=status)
