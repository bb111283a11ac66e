"""Lines that could head a section, a topic or an issue, stripped of decoration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from editorial.content import bare_urls

from .lines import Shape, SourceLine

MOST_IN_HEADING = 30
MOST_IN_HEADLINE = 80

_HASHES = re.compile(r"(?P<hashes>#{1,6})\s*(?P<words>[^#\s].*?)\s*#*")
_FRAMED = re.compile(r"【(?P<a>[^【】]+)】|={2,}\s*(?P<b>[^=]+?)\s*={2,}")
_BOLD = re.compile(r"(\*\*|__)(?P<words>.+)\1")
_SYMBOLS = re.compile(r"^[^\w\s《“\"'(（\[]+\s*(?=\w)")
_ENDS_SENTENCE = re.compile(r"[。！？!?…；;，,、：:.]$")
_SUFFIX = re.compile(r"(?P<topic>.{1,40}?)(?:\s*项目|\s+projects?)", re.IGNORECASE)
_HAN_END = re.compile(r"[\u4e00-\u9fff]$")

_DASH = "[-–—~]"
_NUMBER = rf"(?P<number>\d{{1,4}}(?:\s?{_DASH}\s?\d{{1,4}})?)"
_ISSUE = re.compile(
    rf"(?P<before>.{{0,40}}?)(?:第\s*{_NUMBER}\s*(?:[期卷]|号刊?)|总第\s*\d+\s*期"
    rf"|(?:\bissue|\bvol\.?|\bno\.?|№)\s*#?\s*{_NUMBER.replace('number', 'latin')})"
    r"(?P<after>[)）\]】]?(?:\s*[:：|｜—–\-]\s*.{1,80}|\s+.{1,80})?)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:发布于|日期[:：])?\s*\d{4}\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}\s?[日号]?.{0,8}"
    r"|(?:\w{3,9},?\s+)?\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]{2,8}\.?,?\s+\d{4}"
    r"|(?:\w{3,9},\s+)?[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The words of a possible heading; `level` counts its hashes, 0 without any."""

    title: str
    level: int = 0
    framed: bool = False

    @property
    def decorated(self) -> bool:
        """Whether its mark-up says that it is a heading, of a section at the least."""
        return self.framed or 1 <= self.level <= 2


def fold(text: str) -> str:
    """`text` for comparing titles: without case, width and blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def read_heading(line: SourceLine) -> Heading | None:
    """The heading `line` could be, or None where no heading looks like that."""
    if line.shape is not Shape.TEXT and line.shape is not Shape.ORDERED:
        return None
    if len(line.text) > 200:
        return None
    text, level, framed = line.text, 0, line.marker in {"一、", "(1)"}
    if line.shape is Shape.ORDERED and line.marker != "一、":
        framed = False
    hashes = _HASHES.fullmatch(text)
    if hashes:
        text, level = hashes["words"], len(hashes["hashes"])
    frame = _FRAMED.fullmatch(text)
    if frame:
        text, framed = frame["a"] or frame["b"], True
    bold = _BOLD.fullmatch(text)
    text = bold["words"] if bold else text
    text = _SYMBOLS.sub("", text).strip().rstrip("：:").strip()
    return Heading(text, level, framed) if text else None


def is_short(text: str, most: int) -> bool:
    """Whether `text` reads as a title: short, no sentence, no address."""
    return (
        len(text) <= most
        and not _ENDS_SENTENCE.search(text)
        and next(bare_urls.find(text), None) is None
    )


class Topics:
    """The publication's topics, to be recognised under any of their names."""

    def __init__(self, topics: Mapping[str, tuple[str, ...]]) -> None:
        names = ((name, *aliases) for name, aliases in topics.items())
        self._folded = {fold(name) for group in names for name in group}

    def knows(self, *names: str) -> bool:
        return any(fold(name) in self._folded for name in names)


def read_suffixed_topic(title: str) -> str | None:
    """The topic in "Kubernetes 项目" or "etcd project"; None for any other title.

    A Chinese name needs the blank: 一个开源项目 is a phrase, no topic.
    """
    match = _SUFFIX.fullmatch(title)
    if not match:
        return None
    topic = match["topic"].strip()
    joined = title[len(match["topic"])] not in " \u3000"
    too_long = len(topic.split()) > 3
    if not topic or too_long or (joined and _HAN_END.search(topic)):
        return None
    return topic


def read_issue_number(text: str) -> tuple[str, str, str] | None:
    """(what stands before, number, title) of a line like "周刊 第 23 期：标题"."""
    match = _ISSUE.fullmatch(re.sub(r"^#+\s*", "", text))
    if not match or not (match["number"] or match["latin"]):
        return None
    if re.search(r"[。！？!?，,]", match["before"]):
        return None
    number = unicodedata.normalize("NFKC", match["number"] or match["latin"])
    number = re.sub(rf"\s?{_DASH}\s?", "–", number)
    title = match["after"].lstrip(")）]】").strip(" :：|｜—–-")
    return match["before"].strip(" :：|｜—–-(（[【"), number, title


def is_date(text: str) -> bool:
    """Whether the line is a date and nothing else."""
    return bool(_DATE.fullmatch(text))
