"""Tables for spreadsheets: read back as written, run by no program."""

import csv
import io

import pytest

from editorial.content.spreadsheets import csv_pieces, safe_cell


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_a_program_would_run_is_text(first):
    assert safe_cell(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["标题", "https://a.test/?a=1", "", "3 + 4"])
def test_other_texts_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_nothing_is_an_empty_cell():
    assert safe_cell(None) == ""


def test_a_table_is_read_back_as_it_was_written():
    rows = [["期", "标题"], ["23", '说 "好", 换\n行']]

    written = "".join(csv_pieces(rows))

    assert written.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(written.removeprefix("\ufeff")))) == rows
