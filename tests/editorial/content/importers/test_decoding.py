import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.importers.decoding import Undecodable, decode

CHINESE = "本周作者 | 墨客、远山\n\n这一期我们只谈排队。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_chinese_is_read_in_the_encodings_editors_write(encoding):
    assert decode(CHINESE.encode(encoding)) == CHINESE


def test_accents_and_curly_quotes_of_windows_1252_are_read():
    text = "It’s “Café Déjà Vu” – naïve… 5 €"

    assert decode(text.encode("windows-1252")) == text


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (CHINESE.encode()[:-1], len(CHINESE.encode()) - 3),
        ("好".encode() * 20 + b"\xff" + "好".encode(), 60),
        (b"abc\x00def", 3),
        (b"\x89PNG\r\n\x1a\n", 6),
        (b"\xff\xfea\x00\x00\xd8", 4),
        (b"\xef\xbb\xbfab\xff", 5),
        (bytes(range(128, 256)), 0),
    ],
)
def test_what_is_no_text_is_refused_by_the_first_bad_byte(data, offset):
    with pytest.raises(Undecodable, match=f"byte {offset} ") as caught:
        decode(data)

    assert caught.value.offset == offset


@given(st.binary())
def test_any_bytes_give_text_or_undecodable(data):
    try:
        text = decode(data)
    except Undecodable:
        return
    assert "\x00" not in text or data[:2] in {b"\xff\xfe", b"\xfe\xff"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_utf_8_is_always_read_as_it_is(text):
    assert decode(f"x{text}".encode()) == f"x{text}"
