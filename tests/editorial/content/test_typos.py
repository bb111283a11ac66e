"""What a typo fix may not change can be told from two texts."""

import pytest

from editorial.content.typos import Beyond, beyond_a_typo

NAMES = ["墨封", "Kubernetes", "Go"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("调度气性能提升 30%。", "调度器性能提升 30%。"),
        ("值得看看[公告](https://a.test/x)。", "值得看看[公告](https://a.test/x)！"),
        ("一至认为", "一致认为"),
        ("Kuberntes 发布", "Kubernetes 发布"),
        ("墨风写的", "墨封写的"),
        ("用 Gogle 搜", "用 Google 搜"),
        ("kubernetes 发布", "Kubernetes 发布"),
        ("", "补上的一句"),
    ],
)
def test_words_may_change(before, after):
    assert beyond_a_typo(before, after, names=NAMES) == ()


@pytest.mark.parametrize(
    ("before", "after", "beyond"),
    [
        ("[公告](https://a.test/x)", "[公告](https://a.test/y)", Beyond.LINK),
        ("见 https://a.test/x", "见公告", Beyond.LINK),
        ("提升 30%", "提升 300%", Beyond.NUMBER),
        ("提升 30%", "提升 30‰", Beyond.NUMBER),
        ("3 万用户", "3 亿用户", Beyond.NUMBER),
        ("下降 5 度", "下降 -5 度", Beyond.NUMBER),
        ("二十家公司", "三十家公司", Beyond.NUMBER),
        ("v1.29 发布", "v1.30 发布", Beyond.NUMBER),
        ("３ 家", "４ 家", Beyond.NUMBER),
        ("墨封写的", "元毅写的", Beyond.NAME),
        ("Kubernetes 发布", "Karmada 发布", Beyond.NAME),
        ("用 Go 写", "用 Google 写", Beyond.NAME),
    ],
)
def test_links_numbers_and_names_may_not(before, after, beyond):
    assert beyond_a_typo(before, after, names=NAMES) == (beyond,)
