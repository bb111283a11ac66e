"""Outlines to put on a face: one that uses everything, and any at all."""

from hypothesis import strategies as st

from editorial.content.outline import (
    FORMS,
    Credit,
    Group,
    Image,
    Item,
    Outline,
    Section,
)

PICTURE = Image(
    "/media/a.png", alt="图", caption="延迟", credit="甲", width=1072, height=400
)
ISSUE = Outline(
    number="23",
    title="题目",
    dek="提要",
    opening_note="卷首**语**",
    closing_note="再见",
    byline_label="本周作者",
    credits=(Credit("墨客"), Credit("远山"), Credit("木环", "editor")),
    sections=(
        Section(
            "要闻",
            (
                Group(
                    None,
                    (
                        Item("甲题", "https://www.a.test/x", "正文 https://b.test/y宣布", credit="墨客"),
                        Item("乙题", images=(PICTURE, Image(src=None))),
                    ),
                ),
            ),
            note="说明",
        ),
        Section(
            "要闻",
            (
                Group("Kubernetes", (Item("mvcc:", commentary="调整", form="run_in", label="重要"),)),
                Group("etcd", (Item("短讯", "https://c.test/", form="brief"),)),
                Group("空"),
            ),
        ),
        Section("空栏"),
    ),
)  # fmt: skip

words = st.text("甲乙丙 ab1<>&\"'`*_[]#~|\\!-", min_size=1, max_size=20).filter(
    str.strip
)
urls = st.sampled_from(
    ["https://a.test/x_y_?q=1&b=2", "http://b.test/(z)", "https://c.test/"]
)
items = st.builds(
    Item,
    headline=words,
    link=st.none() | urls,
    commentary=st.lists(words | urls, max_size=4).map("\n\n".join),
    label=st.just("") | words,
    form=st.sampled_from(FORMS),
    credit=st.none() | words,
)
groups = st.builds(
    Group, topic=st.none() | words, items=st.lists(items, max_size=3).map(tuple)
)
sections = st.builds(
    Section, title=words, groups=st.lists(groups, max_size=3).map(tuple)
)
outlines = st.builds(
    Outline,
    title=words,
    opening_note=words,
    closing_note=words,
    sections=st.lists(sections, max_size=3).map(tuple),
)
