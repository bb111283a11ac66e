import pytest

from editorial.content.typed_text import clean_line, clean_text

EXACT = ["中文，标点。", "😀👩‍👩‍👧", "שלום", "e\u0301", "a\tb"]
REFUSED = ["\x00", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"]


@pytest.mark.parametrize("text", EXACT)
def test_text_of_any_script_stays_exactly_as_it_is(text):
    assert clean_text(text) == text
    assert clean_line(text, 40) == text


@pytest.mark.parametrize("character", REFUSED)
def test_characters_no_page_can_show_are_refused_by_position(character):
    for clean in (clean_text, lambda text: clean_line(text, 40)):
        with pytest.raises(ValueError, match="position 2"):
            clean(f"a{character}b")


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n", "\u2028"])
def test_line_break_is_refused_in_a_line(line_end):
    with pytest.raises(ValueError, match="single line"):
        clean_line(f"a{line_end}Bcc: b@b.test", 40)


def test_line_breaks_of_every_system_become_one():
    assert clean_text("a\r\nb\rc\n") == "a\nb\nc\n"


def test_too_long_a_line_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match="At most 3 characters; this has 4"):
        clean_line("abcd", 3)
