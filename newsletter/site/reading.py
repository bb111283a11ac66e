"""How long an issue takes to read."""

import re

from editorial.content import markdown
from editorial.content.outline import Outline

# Silent reading of prose: Chinese about 400 characters, English about 240 words.
HAN_PER_MINUTE = 400
WORDS_PER_MINUTE = 240

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def minutes(outline: Outline) -> int:
    """Whole minutes, at least one."""
    texts = [outline.title, outline.dek]
    prose = [outline.opening_note, outline.closing_note]
    for item in outline.items():
        texts.append(item.headline)
        prose.append(item.commentary)
    texts += (markdown.plain(text, links=False) for text in prose if text)
    words = "\n".join(texts)
    characters = len(_HAN.findall(words))
    rest = len(_WORD.findall(_HAN.sub(" ", words)))
    return max(1, round(characters / HAN_PER_MINUTE + rest / WORDS_PER_MINUTE))
