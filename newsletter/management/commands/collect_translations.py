"""Bring the translation files in line with what code and templates say.

Does what Django's `makemessages` does, without GNU gettext, which a fresh machine has
not: Python is read by Babel, templates by Django's own `templatize`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

CODE = ("editorial", "newsletter")
KEYWORDS = {
    "_": None,
    "_lazy": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_CALL = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")
_TARGET = "zh_Hans"


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One text to translate; `plural` and `context` are empty where it has none."""

    text: str
    plural: str = ""
    context: str = ""


class Command(BaseCommand):
    help = "Collect every translatable text into locale/*/LC_MESSAGES/django.po."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; fail where a text is missing, unused or untranslated.",
        )

    def handle(self, *, check: bool, **options) -> None:
        path = settings.BASE_DIR / "locale" / _TARGET / "LC_MESSAGES" / "django.po"
        catalogue = _open(path)
        found = collect(settings.BASE_DIR)
        if check:
            self._compare(catalogue, found)
            return
        _merge(catalogue, found)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path))
        open_texts = len(catalogue.untranslated_entries())
        self.stdout.write(f"{len(found)} texts, {open_texts} not translated yet")

    def _compare(self, catalogue: polib.POFile, found: dict[Message, list]) -> None:
        known = {_message(entry): entry for entry in catalogue}
        missing = sorted(set(found) - set(known))
        unused = sorted(set(known) - set(found))
        untranslated = sorted(
            message for message, entry in known.items() if not entry.translated()
        )
        problems = [
            *(f"not collected: {m.text!r}" for m in missing),
            *(f"no longer used: {m.text!r}" for m in unused),
            *(f"not translated: {m.text!r}" for m in untranslated),
        ]
        if problems:
            raise CommandError(
                "\n".join([*problems, "Run `manage.py collect_translations`."])
            )
        self.stdout.write(f"{len(found)} texts, all translated")


def collect(root: Path) -> dict[Message, list[tuple[str, str]]]:
    """Every text with the places it is used in, as (file, line)."""
    found: dict[Message, list[tuple[str, str]]] = {}
    for path, message, line in [*_from_code(root), *_from_templates(root)]:
        place = (path.relative_to(root).as_posix(), str(line))
        found.setdefault(message, []).append(place)
    return found


def _from_code(root: Path) -> Iterator[tuple[Path, Message, int]]:
    for package in CODE:
        for path in sorted((root / package).rglob("*.py")):
            with path.open("rb") as source:
                for line, texts, _comments, context in extract(
                    "python", source, keywords=KEYWORDS
                ):
                    yield path, _as_message(texts, context), line


def _as_message(texts: str | tuple[str, ...], context: str | None) -> Message:
    if isinstance(texts, str):
        return Message(texts, context=context or "")
    return Message(texts[0], texts[1], context or "")


def _from_templates(root: Path) -> Iterator[tuple[Path, Message, int]]:
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix not in {".html", ".txt", ".xml"}:
            continue
        code = templatize(path.read_text("utf-8"), origin=str(path))
        for call in _CALL.finditer(code):
            name, arguments = call[1], _arguments(code[call.end() :])
            line = code.count("\n", 0, call.start()) + 1
            yield path, _from_call(name, arguments), line


def _arguments(rest: str) -> list[str]:
    """The literal strings a call begins with; `rest` starts behind its bracket."""
    end = -1
    while (end := rest.find(")", end + 1)) >= 0:
        try:
            call = ast.parse(f"f({rest[: end + 1]}", mode="eval").body
        except SyntaxError:
            continue
        assert isinstance(call, ast.Call)  # noqa: S101  (we wrote the f)
        return [a.value for a in call.args if isinstance(a, ast.Constant)]
    raise ValueError(f"unfinished call: {rest[:60]!r}")


def _from_call(name: str, texts: list[str]) -> Message:
    if name == "ngettext":
        return Message(texts[0], texts[1])
    if name == "pgettext":
        return Message(texts[1], context=texts[0])
    if name == "npgettext":
        return Message(texts[1], texts[2], texts[0])
    return Message(texts[0])


def _open(path: Path) -> polib.POFile:
    if path.exists():
        return polib.pofile(str(path), wrapwidth=88)
    catalogue = polib.POFile(wrapwidth=88)
    catalogue.metadata = {
        "Project-Id-Version": "Masthead",
        "Language": _TARGET,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def _message(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _merge(catalogue: polib.POFile, found: dict[Message, list]) -> None:
    """Keep what is translated, add what is new, drop what nothing says any more."""
    known = {_message(entry): entry for entry in catalogue}
    by_text = {(entry.msgid, entry.msgctxt or ""): entry for entry in catalogue}
    catalogue.clear()
    for message, places in sorted(found.items(), key=lambda pair: pair[1][0]):
        kin = by_text.get((message.text, message.context))
        entry = known.get(message) or _new_entry(message, kin)
        entry.occurrences = [(path, "") for path in dict.fromkeys(p for p, _ in places)]
        entry.flags = ["python-format"] if "%(" in message.text else []
        entry.obsolete = False
        catalogue.append(entry)


def _new_entry(message: Message, kin: polib.POEntry | None) -> polib.POEntry:
    """A new entry; one that only gained a plural keeps its translation."""
    said = ""
    if kin is not None:
        said = kin.msgstr or (kin.msgstr_plural or {}).get(0, "")
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: said}
    else:
        entry.msgstr = said
    return entry
