from editorial.content.outline import Credit, Group, Image, Item, Outline, Section
from editorial.content.summary import links_of, summary


def test_summary_counts_and_names_what_an_issue_holds():
    item = Item("题", "https://a.test", "- 甲\n- https://b.test", images=(Image(None),))
    outline = Outline(
        sections=(
            Section("要闻", (Group("etcd", (item,)), Group(None, (Item("乙"),)))),
        ),
        credits=(Credit("墨客"), Credit("木环", "editor")),
    )

    found = summary(outline)

    assert found["authors"] == ["墨客"]
    assert found["counts"] == {
        "sections": 1,
        "topics": 1,
        "items": 2,
        "links": 2,
        "missing_images": 1,
    }
    assert found["sections"][0]["groups"][0]["items"][0]["body_list_items"] == 2


def test_links_of_an_item_begin_with_its_own_and_come_once():
    item = Item("题", "https://a.test/x", "https://b.test https://a.test/x")

    assert links_of(item) == ["https://a.test/x", "https://b.test"]
