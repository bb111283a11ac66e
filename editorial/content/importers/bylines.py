"""Who made an issue, from the lines teams write about it.

`本周作者 | 墨封、衷源`, `作者：张三 李四　编辑：王五`, `Editor: Jane Roe`,
`By Jane Roe, John Poe & Li Lei`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from editorial.content.outline import (
    ROLE_AUTHOR,
    ROLE_EDITOR,
    ROLE_ILLUSTRATOR,
    ROLE_TRANSLATOR,
    Credit,
)

_ISSUE = r"(?:本周|本期|本次|本刊|本文)?"
_LABELS = {
    ROLE_AUTHOR: rf"{_ISSUE}(?:作者|撰稿人?|撰文|供稿|执笔)|authors?|contributors?"
    r"|written\s+by|words\s+by|by",
    ROLE_EDITOR: rf"{_ISSUE}(?:责任|执行|值班|特约|特邀)?(?:主编|编辑|编者|编审|审校|审稿|校对|整理)"
    r"|(?:managing\s+|guest\s+)?editors?|edited\s+by|curated\s+by|compiled\s+by",
    ROLE_TRANSLATOR: rf"{_ISSUE}(?:译者|翻译|编译)|translators?|translated\s+by",
    ROLE_ILLUSTRATOR: rf"{_ISSUE}(?:插画|插图|配图|绘图)|illustrators?"
    r"|illustrat(?:ed|ions?)\s+by",
}
_ROLES = "|".join(f"(?P<{role}>{words})" for role, words in _LABELS.items())
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,，;；|｜。]))(?P<label>{_ROLES})"
    r"(?:\s*[:：|｜丨]\s*|(?<=by)\s+(?=[A-Z\u4e00-\u9fff]))",
    re.IGNORECASE,
)
# Labels that speak of the issue wherever they stand; "作者：" alone may be an article's.
_OF_THE_ISSUE = re.compile(
    r"本周|本期|本次|本刊|责任|编辑|editor|edited", re.IGNORECASE
)

_MOST_CHARACTERS = 500
_MOST_IN_NAME = 40
_SEPARATOR = re.compile(
    r"(?:[、，,;；/／&＆|｜丨]|\s+(?:and|和|与|及|以及)\s+"
    r"|(?<=[\u4e00-\u9fff]{2})(?:以及|和|与|及)(?=[\u4e00-\u9fff]{2}))"
    r"(?![^(（]*[)）])",  # a comma inside brackets belongs to the name
    re.IGNORECASE,
)
_LEADING_AND = re.compile(r"^(?:and|和|与|及|以及)\s+", re.IGNORECASE)
_HAN_AND_BLANKS = re.compile(r"[\u4e00-\u9fff·\s]+")
_NO_NAME = re.compile(r"[。！？!?:：<>{}=]|https?|^\W*$")
_BY_NAME = re.compile(r"[A-Z\u4e00-\u9fff@][^\s]*(?:\s+[^\s]+){0,3}")


@dataclass(frozen=True, slots=True)
class Byline:
    """A line's credits; `label` is its first label, as printed."""

    label: str
    credits: tuple[Credit, ...]

    @property
    def of_the_issue(self) -> bool:
        """Whether the label cannot mean the author of a single article."""
        return bool(_OF_THE_ISSUE.search(self.label))


def read_byline(text: str) -> Byline | None:
    """The byline that `text` is, or None where it is anything else."""
    text = re.sub(r"^[>\s]+|[*_]{2}", "", text)
    labels = list(_LABEL.finditer(text[:_MOST_CHARACTERS]))
    if len(text) > _MOST_CHARACTERS or not labels or labels[0].start():
        return None
    ends = [label.start() for label in labels[1:]] + [len(text)]
    credits: list[Credit] = []
    for label, end in zip(labels, ends, strict=True):
        names = read_names(text[label.end() : end])
        is_bare_by = label["label"].lower() == "by"
        if not names or (is_bare_by and not all(map(_BY_NAME.fullmatch, names))):
            return None
        role = next(role for role in _LABELS if label[role])
        credits += (Credit(name, role) for name in names)
    return Byline(labels[0]["label"], tuple(dict.fromkeys(credits)))


def read_names(text: str) -> list[str]:
    """The names in `text`, or none where any part of it is no name."""
    names: list[str] = []
    for part in _SEPARATOR.split(text):
        name = _LEADING_AND.sub("", part.strip()).strip(' \u3000。"“”')
        if not name:
            continue
        if len(name) > _MOST_IN_NAME and not _HAN_AND_BLANKS.fullmatch(name):
            return []
        if _NO_NAME.search(name):
            return []
        names += name.split() if _HAN_AND_BLANKS.fullmatch(name) else [name]
    return names
