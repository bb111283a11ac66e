"""Every route, every role, every method: let in or turned away as the matrix says."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from editorial import links, workflow
from editorial.models import (
    ArchivedCopy,
    Author,
    Invitation,
    Issue,
    Item,
    ItemLink,
    Link,
)
from editorial.states import IssueState, ItemState
from newsletter.models import Digest, ReaderImport, TrialGroup
from newsletter.suppressions import suppress_by_hand
from tests.factories import (
    AdminFactory,
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    SubscriberFactory,
    TopicFactory,
    UserFactory,
)

from .matrix import ANONYMOUS, MATRIX, PACKAGED, PRIVATE, ROLES

pytestmark = pytest.mark.django_db
MOVED_TO = "https://new.example/"


def routes(
    resolver: URLResolver | None = None, spaces: tuple[str, ...] = (), path: str = ""
) -> Iterator[tuple[str, str]]:
    """Name and pattern of every route."""
    for entry in (resolver or get_resolver()).url_patterns:
        deeper = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from routes(entry, inner, deeper)
        elif isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name or deeper]), deeper


OURS = {name for name, path in routes() if not path.startswith(PACKAGED)}


@pytest.fixture
def world(settings, mail_server):
    """People in every role and one row of each kind, as `lookup` and `people`."""
    settings.MAILBOX_DIR = None
    PublicationFactory()
    people = {
        "anonymous": None,
        "stranger": UserFactory(),
        "owner": UserFactory(),
        "lead": UserFactory(),
        "editor": EditorFactory(),
        "admin": AdminFactory(),
    }
    chief = EditorFactory()
    printed = IssueFactory(state=IssueState.REVIEW)
    topic, author = TopicFactory(), AuthorFactory()
    ItemFactory(issue=printed, state=ItemState.APPROVED, topic=topic, credit=author)
    approved = workflow.approve_issue(issue=printed, by=chief)
    printed = workflow.publish_issue(issue=approved, by=chief)
    open_issue = IssueFactory(lead_editor=people["lead"])
    item = ItemFactory(
        issue=open_issue, submitted_by=people["owner"], state=ItemState.SUBMITTED
    )
    type(printed).objects.filter(pk=printed.pk).update(lead_editor=people["lead"])
    SubscriberFactory()
    return {"people": people, "printed": printed, "issue": open_issue, "item": item}


IMPORTS = ("readers:import", "readers:import_progress", "readers:refused")


def address(name: str, world: dict) -> str:
    """The route's address with rows that exist, foreign to `stranger`."""
    issue, item, printed = world["issue"], world["item"], world["printed"]
    section = SectionFactory()
    draft = ItemFactory(issue=issue, submitted_by=world["people"]["owner"])
    on_readers = name.startswith(("site:", "api:", "readers:", "desk:issue_correct"))
    values = {
        "slug": {
            "site:section": printed.issue_sections.get().section.slug,
            "site:topic": printed.items.get().topic.slug,
            "site:author": Author.objects.first().slug,
        }.get(name, printed.slug if on_readers else issue.slug),
        "pk": {
            "desk:issue_remove_section": section.pk,
            "desk:revoke_invitation": _invitation().pk,
            "desk:change_role": world["people"]["stranger"].pk,
            "desk:deactivate": UserFactory().pk,
            "desk:reactivate": UserFactory(is_active=False).pk,
            "desk:item_autosave": draft.pk,
            "desk:item_delete": draft.pk,
            "readers:release": suppress_by_hand(address="gone@readers.test").pk,
            "desk:issue_correct_item": printed.items.get().pk,
            "desk:link_copy": _link_with_a_copy(printed).pk,
            "readers:subscriber": SubscriberFactory().pk,
            "readers:reader_press": SubscriberFactory().pk,
            **dict.fromkeys(IMPORTS, ReaderImport.objects.create(kind="csv").pk),
            "readers:trial_group": _trial_group().pk,
            "readers:trial_group_delete": _trial_group().pk,
        }.get(name, item.pk),
        "link": _moved_link(item).pk,
        "token": "x" * 43,
        "key": SubscriberFactory().key,
        "deed": "suppress" if name == "readers:reader_press" else "cancel",
        "provider": "postmark",
        "name": "markdown",
    }
    taken = parameters(name)
    return reverse(name, kwargs={key: values[key] for key in taken})


def _moved_link(item: Item) -> Link:
    """The item's link, which moved to where `filled_in` says."""
    item.url = "https://old.example/"
    item.save()
    links.register_links(item)
    Link.objects.update(moved_to=MOVED_TO)
    return item.item_links.get().link


def _link_with_a_copy(printed: Issue) -> Link:
    link, _ = Link.objects.get_or_create(key="gone.example", host="gone.example")
    item = printed.items.get()
    ItemLink.objects.get_or_create(item=item, link=link)
    copy = {"url": "https://web.archive.org/", "asked_at": timezone.now()}
    ArchivedCopy.objects.get_or_create(link=link, defaults=copy)
    return link


def parameters(name: str) -> list[str]:
    resolver = get_resolver()
    for space in name.split(":")[:-1]:
        _prefix, resolver = resolver.namespace_dict[space]
    possibilities = resolver.reverse_dict.getlist(name.split(":")[-1])
    return possibilities[0][0][0][1]


def _trial_group() -> TrialGroup:
    return TrialGroup.objects.get_or_create(name="proofreaders")[0]


def _invitation() -> Invitation:
    return Invitation.objects.create(
        token_hash=Invitation.new_token(),
        expires_at=timezone.now() + Invitation.LIFETIME,
        invited_by=EditorFactory(),
    )


def answers(client, world, method: str, path: str) -> dict[str, int]:
    """The status each role gets; whatever a request changed is undone."""
    found = {}
    data = filled_in(world) if method == "post" else None
    for role in ROLES:
        client.logout()
        if person := world["people"][role]:
            client.force_login(person)
        with transaction.atomic():
            found[role] = _status(client, method, path, data)
            transaction.set_rollback(True)
    return found


def filled_in(world) -> dict[str, object]:
    """What forms on the way ask for, so that a refusal is about the person."""
    section = world["item"].section_id
    words = {"note": "because", "text": "hello", "headline": "x", "form": "full"}
    links = {"to": MOVED_TO, "show": "1"}
    return {"version": 1, "section": section, **words, **links}


def _status(client, method: str, path: str, data: dict | None = None) -> int:
    response = getattr(client, method)(path, data)
    to_login = response.status_code == 302 and "login" in response["Location"]
    return 401 if to_login else response.status_code


def let_in(statuses: dict[str, int], *, tokens: bool) -> set[str]:
    turned_away = {401, 403} if tokens else {401, 403, 404, 410}
    return {role for role, status in statuses.items() if status not in turned_away}


def test_every_route_of_ours_says_who_it_is_for():
    assert set(MATRIX) == OURS


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_a_route_lets_in_whom_the_matrix_names(name, method, client, world):
    expected = getattr(MATRIX[name], method)

    path = address(name, world)
    statuses = answers(client, world, method, path)

    assert not [status for status in statuses.values() if status >= 500], statuses
    if expected is None:
        signed_in = {s for role, s in statuses.items() if role != ANONYMOUS}
        assert signed_in <= {403, 404, 405}, statuses
    else:
        tokens = "token" in path or "xxxx" in path
        assert let_in(statuses, tokens=tokens) == expected, statuses


@pytest.mark.parametrize("name", sorted(set(MATRIX) - {"set_language"}))
def test_no_route_knows_another_method(name, client, world):
    path = address(name, world)

    for person in (None, world["people"]["admin"]):
        if person:
            client.force_login(person)
        for method in ("put", "patch", "delete"):
            assert _status(client, method, path) in {401, 403, 404, 405}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(method, client, world, django_db_blocker):
    """GET, HEAD and OPTIONS of every route, as the person with most rights."""
    client.force_login(world["people"]["admin"])
    paths = [address(name, world) for name in sorted(MATRIX)]
    before = _everything()

    for path in paths:
        getattr(client, method)(path)

    assert _everything() == before


def _everything() -> dict[str, list]:
    from django.apps import apps

    watched = [
        model
        for app in ("editorial", "newsletter")
        for model in apps.get_app_config(app).get_models()
    ]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in watched
    }


@pytest.mark.parametrize("name", ["desk:item", "desk:item_edit", "desk:item_history"])
def test_a_draft_in_no_issue_is_hidden_from_colleagues(name, client, world):
    private = ItemFactory(submitted_by=world["people"]["owner"])

    statuses = answers(client, world, "get", reverse(name, args=[private.pk]))

    assert let_in(statuses, tokens=False) == PRIVATE, statuses


@pytest.mark.parametrize(
    "field", ["state", "submitted_by", "approved_by", "version", "issue_id", "is_staff"]
)
def test_a_form_sets_no_field_that_is_not_its_own(field, client, world):
    item, owner = world["item"], world["people"]["owner"]
    before = Item.objects.filter(pk=item.pk).values(
        "state", "submitted_by", "approved_by", "issue_id"
    )[0]
    client.force_login(owner)

    client.post(
        reverse("desk:item_edit", args=[item.pk]),
        {"version": item.version, "headline": "新标题", field: "approved"},
    )

    after = Item.objects.filter(pk=item.pk).values(*before)[0]
    assert after == before


def test_rights_end_with_the_role_in_the_same_session(client, world):
    editor = world["people"]["editor"]
    client.force_login(editor)
    type(editor).objects.filter(pk=editor.pk).update(role="author")

    path = reverse("desk:item_approve", args=[world["item"].pk])
    response = client.post(path, filled_in(world))

    assert response.status_code == 403
    world["item"].refresh_from_db()
    assert world["item"].state == ItemState.SUBMITTED


def test_a_deactivated_person_is_out_at_once(client, world):
    editor = world["people"]["editor"]
    client.force_login(editor)
    type(editor).objects.filter(pk=editor.pk).update(is_active=False)

    response = client.get(reverse("desk:my_turn"))

    assert response.status_code == 302
    assert Digest.objects.count() == 1
