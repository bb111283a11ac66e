import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.link_keys import (
    MAX_LENGTH,
    InvalidUrl,
    clean_url,
    host_of,
    link_key,
)

SAME = [
    ["https://a.test", "http://www.a.test/", "HTTPS://A.TEST:443/#x", "http://a.test:80", "https://a.test."],
    ["https://a.test/x", "https://a.test/x/?utm_source=m&fbclid=1#top", "https://a.test/y/../x/./"],
    ["https://a.test/?b=2&a=1", "https://a.test?a=1&b=2&spm=1", "https://a.test/?a=1&&b=2"],
    ["https://a.test/%7Eu/%e4%b8%ad", "https://a.test/~u/中"],
    ["https://a.test/?q=a+b", "https://a.test/?q=a%20b"],
    ["https://例子.测试/", "https://xn--fsqu00a.xn--0zwm56d", "https://www.例子.测试"],
    ["https://github.com/Helm/helm", "https://github.com/helm/helm.git", "http://www.github.com/helm/helm/tree/main/", "https://github.com/helm/helm?tab=readme-ov-file#readme"],
    ["https://github.com/helm/helm/releases", "https://github.com/helm/helm/releases/"],
    ["https://github.com/k/e/pull/906", "https://github.com/k/e/pull/906/files", "https://github.com/k/e/issues/906#issuecomment-1"],
    ["https://arxiv.org/abs/1706.03762", "https://arxiv.org/pdf/1706.03762v5.pdf", "http://export.arxiv.org/abs/1706.03762v1", "https://arxiv.org/html/1706.03762"],
    ["https://arxiv.org/abs/math.GT/0309136", "https://arxiv.org/pdf/math.GT/0309136v2"],
    ["https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=c", "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=c&chksm=9&scene=21#wechat_redirect"],
]  # fmt: skip
DISTINCT = [
    ["https://a.test/x", "https://a.test/X", "https://b.a.test/x", "https://a.test:8080/x"],
    ["https://a.test/?a=1", "https://a.test/?a=2", "https://a.test/?a=1&a=2", "https://a.test/?a=2&a=1"],
    ["https://a.test/a%2Fb", "https://a.test/a/b"],
    ["https://a.test/?q=c%2B%2B", "https://a.test/?q=c++"],
    ["https://a.test/#/one", "https://a.test/#/two", "https://a.test/"],
    ["https://github.com/h/h", "https://github.com/h/h/tree/v2", "https://github.com/h/h/tree/main/docs", "https://github.com/h/h/releases", "https://github.com/h/h/releases/tag/v1", "https://github.com/h/h/pull/1", "https://github.com/h/h/pull/2", "https://gist.github.com/h/h"],
    ["https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.03763", "https://arxiv.org/list/cs.CL"],
    ["https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=c", "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=2&sn=c", "https://mp.weixin.qq.com/s/c"],
    ["https://faß.test", "https://fass.test"],
]  # fmt: skip


@pytest.mark.parametrize("urls", SAME, ids=lambda urls: urls[0])
def test_addresses_of_one_page_share_a_key(urls):
    assert len({link_key(url) for url in urls}) == 1


@pytest.mark.parametrize("urls", DISTINCT, ids=lambda urls: urls[0])
def test_distinct_pages_keep_distinct_keys(urls):
    assert len({link_key(url) for url in urls}) == len(urls)


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://A.test/x/?b=2&utm_source=m&a=1#top", "https://A.test/x/?b=2&a=1#top"),
        ("https://a.test/?spm=1&mc_cid=2&gclid=3", "https://a.test/"),
        ("https://a.test/?UTM_Medium=x", "https://a.test/"),
        ("https://a.test/x#utm_source=m", "https://a.test/x"),
        ("https://a.test/?a=%E4%B8%AD+x", "https://a.test/?a=%E4%B8%AD+x"),
        ("https://a.test/x", "https://a.test/x"),
    ],
)
def test_clean_address_is_as_written_less_tracking(url, cleaned):
    assert clean_url(url) == cleaned


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.GitHub.com/x", "github.com"),
        ("https://xn--fsqu00a.xn--0zwm56d/", "例子.测试"),
        ("https://a.test:8080/", "a.test"),
    ],
)
def test_host_is_printed_without_www_and_punycode(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("a.test/x", "begins with http"),
        ("ftp://a.test/", "not “ftp:”"),
        ("file:///etc/passwd", "not “file:”"),
        ("javascript:alert(1)", "not “javascript:”"),
        ("data:text/html,x", "not “data:”"),
        ("http:/host", "two slashes"),
        ("http:host", "two slashes"),
        ("https:///host", "two slashes"),
        (" https://a.test", "position 1"),
        ("https://a.test/\n", "position 16"),
        ("https://a.test/a b", "position 17"),
        ("https://a.test/\x00", "position 16"),
        ("https://a.test/\u200b", "position 16"),
        ("https://a.test/\ud800", "position 16"),
        ("https://a.test\\@b.test", "forward slashes"),
        ("https://user:pw@a.test/", "user name"),
        ("https://a.test@127.0.0.1/", "user name"),
        ("https://a.test:99999/", "port"),
        ("https://[::1/", "host or port"),
        ("https://a..test/", "not a host name"),
        ("https://%61.test/", "not a host name"),
        ("https://a.test/" + "x" * MAX_LENGTH, "2063 characters"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(url, reason):
    for read in (clean_url, link_key, host_of):
        with pytest.raises(InvalidUrl, match=reason):
            read(url)


URLISH = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.text(string.ascii_letters + string.digits + ".-:@[]%中ß。", max_size=20),
    st.text(string.ascii_letters + "/?#&=%+.:;中\ud800\\[]", max_size=30),
)


@given(st.one_of(st.text(), URLISH))
def test_any_input_gives_an_answer_or_invalid_url(text):
    for read in (clean_url, link_key, host_of):
        with suppress(InvalidUrl):
            assert isinstance(read(text), str)


@given(URLISH)
def test_cleaning_changes_no_key_and_a_key_is_short_ascii(url):
    try:
        key = link_key(url)
    except InvalidUrl:
        return

    assert link_key(clean_url(url)) == key
    assert key.isascii()
    assert len(key) <= MAX_LENGTH


def test_key_of_a_long_chinese_address_stays_within_the_limit():
    url = "https://a.test/" + "中" * 2000

    assert len(link_key(url)) == MAX_LENGTH
    assert link_key(url) != link_key(url[:-1] + "文")
