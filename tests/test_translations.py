"""The Chinese is whole, keeps to the glossary and reads as if it were typed here."""

import re
from pathlib import Path

import allauth
import polib
import pytest
from django.conf import settings
from django.core.management import call_command

from newsletter.management.commands.collect_translations import collect

from . import wording

ROOT = settings.BASE_DIR
OURS = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
OVER_ALLAUTH = ROOT / "locale" / "allauth" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENGLISH = ROOT / "locale" / "allauth" / "en" / "LC_MESSAGES" / "django.po"
ALLAUTHS = Path(allauth.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"
GLOSSARY = ROOT.parent / "shared" / "GLOSSARY.md"
TEMPLATES = [p for p in sorted((ROOT / "templates").rglob("*.*")) if p.is_file()]

both_catalogues = pytest.mark.parametrize(
    "path", [OURS, OVER_ALLAUTH], ids=["ours", "over allauth's"]
)


def said(entry):
    """What an entry says in Chinese, which has one plural form."""
    return entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr


def test_every_text_is_collected_and_translated():
    call_command("collect_translations", check=True)


@both_catalogues
def test_placeholders_and_tags_survive_translation(path):
    broken = [
        (entry.msgid, said(entry))
        for entry in polib.pofile(str(path))
        if wording.placeholders(entry.msgid_plural or entry.msgid)
        != wording.placeholders(said(entry))
    ]

    assert not broken


@both_catalogues
def test_chinese_is_typed_as_chinese(path):
    typed_wrongly = [
        (said(entry), slips)
        for entry in polib.pofile(str(path))
        if (slips := wording.slips(said(entry)))
    ]

    assert not typed_wrongly


@both_catalogues
def test_translations_keep_to_the_glossary(path):
    wrong = [
        (said(entry), words)
        for entry in polib.pofile(str(path))
        if (words := wording.wrong_words(said(entry)))
    ]

    assert not wrong


def test_english_texts_keep_to_the_glossary():
    wrong = [
        (message.text, words)
        for message in collect(ROOT)
        if (words := wording.wrong_words(f"{message.text} {message.plural}"))
    ]

    assert not wrong


def test_templates_keep_to_the_glossary():
    wrong = [
        (path.name, words)
        for path in TEMPLATES
        if (words := wording.wrong_words(path.read_text("utf-8")))
    ]

    assert not wrong


def test_no_blank_stands_between_two_chinese_sentences():
    between = re.compile(
        r'[.?!]" %\}(?:\{% (?:if|endif)[^%]*%\})*'
        r" (?:\{% (?:if|endif)[^%]*%\})*\{% (?:block)?translate"
    )

    assert not [p.name for p in TEMPLATES if between.search(p.read_text("utf-8"))]


def test_templates_hold_no_chinese_of_their_own():
    hold_chinese = [
        path.name
        for path in TEMPLATES
        if wording.has_han(path.read_text("utf-8").replace("简体中文", ""))
    ]

    assert not hold_chinese


@pytest.mark.parametrize(("context", "text"), wording.AGREED)
def test_agreed_word_is_said(context, text):
    catalogue = polib.pofile(str(OURS))

    entry = catalogue.find(text, msgctxt=context or False)

    assert said(entry) == wording.AGREED[context, text]


def test_banned_words_are_those_of_the_glossary():
    if not GLOSSARY.exists():
        pytest.skip("the glossary is not beside this checkout")
    rows = wording.glossary_rows(GLOSSARY.read_text("utf-8"))

    banned = {
        word: f"{english} {chinese}"
        for english, chinese, words in rows
        for word in words
    }

    assert set(banned) == set(wording.BANNED)
    assert all(right in banned[word] for word, right in wording.BANNED.items())


@pytest.mark.parametrize("path", [OVER_ALLAUTH, ENGLISH], ids=["Chinese", "English"])
def test_allauth_still_says_what_we_say_better(path):
    theirs = {entry.msgid for entry in polib.pofile(str(ALLAUTHS))}

    gone = [e.msgid for e in polib.pofile(str(path)) if e.msgid not in theirs]

    assert not gone


def test_english_for_allauth_keeps_its_placeholders_and_the_glossary():
    pairs = [
        (english, said)
        for entry in polib.pofile(str(ENGLISH))
        for english, said in zip(
            filter(None, (entry.msgid, entry.msgid_plural)),
            entry.msgstr_plural.values() or [entry.msgstr],
            strict=True,
        )
    ]

    assert all(wording.placeholders(a) == wording.placeholders(b) for a, b in pairs)
    assert not [said for _english, said in pairs if wording.wrong_words(said)]


def test_allauth_takes_nothing_of_ours_for_its_own():
    """Who says "Cancel" of a mailing says so, or every page of allauth cancels one."""
    ours = {e.msgid: said(e) for e in polib.pofile(str(OURS)) if not e.msgctxt}

    other = [
        (entry.msgid, ours[entry.msgid], said(entry))
        for entry in polib.pofile(str(OVER_ALLAUTH))
        if ours.get(entry.msgid, said(entry)) != said(entry)
    ]

    assert not other


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("已保存,请继续", "half-width punctuation"),
        ("缺图: %(headline)s", "half-width punctuation"),
        ("第 %(number)s期", "a typed space beside Han"),
        ("用GitHub 登录", "a typed space beside Han"),
        ("已保存。 请继续", "a space after full-width punctuation"),
        ("等他看过", "a gendered or stiff pronoun"),
    ],
)
def test_slip_of_the_pen_is_found(text, slip):
    assert slip in wording.slips(text)


def test_banned_word_is_found_whole_and_in_any_case():
    assert wording.wrong_words("The next Editions") == ["edition"]
    assert wording.wrong_words("sedition, expeditions, editing") == []
    assert wording.wrong_words("请提交") == ["提交"]
    assert wording.wrong_words("这份开发信息") == []
