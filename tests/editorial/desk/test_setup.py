"""Set-up in a browser, and the publication's settings."""

import pytest
from django.urls import reverse

from editorial import founding
from editorial.models import Publication, Section, Topic, User
from tests.factories import (
    AdminFactory,
    EditorFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "山海周报",
    "language": "zh-hans",
    "sections": "要闻\r\n读书",
    "cadence": "weekly",
    "publish_weekday": "4",
    "publish_time": "18:00",
    "deadline_weekday": "4",
    "deadline_time": "12:00",
    "time_zone": "Asia/Shanghai",
    "admin_name": "清和",
    "admin_email": "qinghe@shanhai.test",
    "sender_email": "",
}


@pytest.fixture
def development(settings):
    settings.DEVELOPMENT = True


def by_link() -> str:
    return reverse("desk:setup_by_link", args=[founding.setup_token()])


def test_set_up_founds_signs_in_and_shows_first_steps(client, development):
    response = client.post(reverse("desk:setup"), ANSWERS)

    assert response["Location"] == reverse("desk:first_steps")
    assert Publication.objects.get().name == "山海周报"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert client.get(reverse("desk:first_steps")).status_code == 200


def test_whoever_looked_around_the_sample_becomes_the_admin(client, development):
    PublicationFactory(is_sample=True)
    client.force_login(AdminFactory(is_sample=True))

    client.post(reverse("desk:setup"), {**ANSWERS, "remove_sample": "on"})

    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert User.objects.get().email == "qinghe@shanhai.test"


def test_sample_stays_until_its_removal_is_ticked(client, development):
    PublicationFactory(is_sample=True)

    response = client.post(reverse("desk:setup"), ANSWERS)

    assert response.status_code == 400
    assert Publication.objects.get().is_sample


def test_set_up_is_closed_in_production(client, settings):
    settings.DEVELOPMENT = False

    assert client.get(reverse("desk:setup")).status_code == 404
    assert client.post(reverse("desk:setup"), ANSWERS).status_code == 404
    forged = reverse("desk:setup_by_link", args=["forged"])
    assert client.post(forged, ANSWERS).status_code == 404
    assert not Publication.objects.exists()


def test_signed_link_opens_set_up_in_production(client, settings):
    settings.DEVELOPMENT = False

    client.post(by_link(), ANSWERS)

    assert Publication.objects.get().name == "山海周报"


def test_set_up_is_over_once_founded(client, development):
    PublicationFactory(name="云边周报")

    assert client.post(by_link(), ANSWERS).status_code == 410
    assert Publication.objects.get().name == "云边周报"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x07b"),
        ("sections", "要闻\n要闻"),
        ("time_zone", "Mars/Olympus"),
        ("admin_email", "a@x.test, b@x.test"),
        ("deadline_time", "noon"),
    ],
)
def test_bad_answer_is_named_and_kept(client, development, field, value):
    response = client.post(reverse("desk:setup"), {**ANSWERS, field: value})

    page = response.content.decode()
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in page
    assert 'value="清和"' in page
    assert not Publication.objects.exists()


# --- settings ---------------------------------------------------------------------


@pytest.fixture
def chief(client):
    PublicationFactory()
    chief = AdminFactory()
    client.force_login(chief)
    return chief


def rows(prefix, *given, initial=0):
    data = {
        f"{prefix}-TOTAL_FORMS": len(given),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for n, row in enumerate(given):
        data |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return data


@pytest.mark.parametrize("name", ["publication", "sections", "topics", "first_steps"])
@pytest.mark.parametrize("make", [UserFactory, EditorFactory])
def test_settings_are_for_admins(client, name, make):
    PublicationFactory()
    client.force_login(make())

    method = client.get if name == "first_steps" else client.post
    assert method(reverse(f"desk:{name}"), {}).status_code == 403


def test_settings_are_saved(client, chief):
    page = client.get(reverse("desk:publication"))
    said = {n: v for n, v in page.context["form"].initial.items() if v is not None}

    client.post(
        reverse("desk:publication"), {**said, "tagline": "每周五", "is_sample": 1}
    )

    publication = Publication.objects.get()
    assert (publication.tagline, publication.is_sample) == ("每周五", False)


def test_bad_setting_is_named_and_nothing_saved(client, chief):
    page = client.get(reverse("desk:publication"))
    said = {n: v for n, v in page.context["form"].initial.items() if v is not None}

    response = client.post(
        reverse("desk:publication"), {**said, "name": "新", "time_zone": "Mars/Olympus"}
    )

    assert response.status_code == 400
    assert 'id="id_time_zone_error"' in response.content.decode()
    assert Publication.objects.get().name != "新"


def test_sections_are_ordered_changed_and_added(client, chief):
    first = SectionFactory(title="要闻", position=0)
    second = SectionFactory(title="读书", position=1)

    client.post(
        reverse("desk:sections"),
        rows(
            "sections",
            {"pk": first.pk, "title": "要闻", "min_items": 1, "ORDER": 2},
            {"pk": second.pk, "title": "荐书", "min_items": 0, "ORDER": 1},
            {"pk": "", "title": "项目", "min_items": 0, "max_items": 3, "ORDER": 3},
            initial=2,
        ),
    )

    assert [s.title for s in Section.objects.recurring()] == ["荐书", "要闻", "项目"]


def test_used_section_is_retired_and_an_unused_one_deleted(client, chief):
    used, unused, kept = (
        SectionFactory(),
        SectionFactory(),
        SectionFactory(title="要闻"),
    )
    ItemFactory(section=used)
    given = [
        {"pk": s.pk, "title": s.title, "min_items": 0, "ORDER": 1, "DELETE": "on"}
        for s in (used, unused)
    ]
    given.append({"pk": kept.pk, "title": "要闻", "min_items": 0, "ORDER": 3})

    client.post(reverse("desk:sections"), rows("sections", *given, initial=3))

    used.refresh_from_db()
    assert not used.recurring
    assert not Section.objects.filter(pk=unused.pk).exists()
    assert [s.title for s in Section.objects.recurring()] == ["要闻"]


def test_refused_section_names_its_row_and_saves_none(client, chief):
    first = SectionFactory(title="要闻")

    response = client.post(
        reverse("desk:sections"),
        rows(
            "sections",
            {"pk": first.pk, "title": "头条", "min_items": 0, "ORDER": 1},
            {"pk": "", "title": "读书", "min_items": 5, "max_items": 2, "ORDER": 2},
            initial=1,
        ),
    )

    assert response.status_code == 400
    assert 'id="id_sections-1-max_items_error"' in response.content.decode()
    assert [s.title for s in Section.objects.recurring()] == ["要闻"]


def test_topics_have_aliases_and_no_name_means_two(client, chief):
    etcd = TopicFactory(name="etcd")

    saved = client.post(
        reverse("desk:topics"),
        rows("topics", {"pk": etcd.pk, "name": "etcd", "aliases": "etcd 项目，ETCD3"}),
    )
    refused = client.post(
        reverse("desk:topics"), rows("topics", {"pk": "", "name": "etcd3"})
    )

    assert (saved.status_code, refused.status_code) == (302, 400)
    assert Topic.objects.get().aliases == ["etcd 项目", "ETCD3"]


@pytest.mark.parametrize("name", ["sections", "topics"])
def test_a_row_somebody_removed_meanwhile_is_refused_with_the_words_kept(
    client, chief, name
):
    kind = {"title": "新的", "min_items": 0} if name == "sections" else {"name": "新的"}

    response = client.post(reverse(f"desk:{name}"), rows(name, {"pk": 999, **kind}))

    assert response.status_code == 400
    assert "新的" in response.content.decode()
    assert not Section.objects.filter(title="新的").exists()


@pytest.mark.parametrize("name", ["sender_email", "reply_to"])
def test_an_address_no_mail_can_name_is_no_sender(client, chief, name):
    page = client.get(reverse("desk:publication"))
    said = {n: v for n, v in page.context["form"].initial.items() if v is not None}
    sent = {**said, name: f"a@{'é' * 60}.test"}

    response = client.post(reverse("desk:publication"), sent)

    assert response.status_code == 400
    assert response.context["form"].errors[name]
