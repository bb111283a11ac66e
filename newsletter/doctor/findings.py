"""What was seen, as plain data: it is stored, and put into words when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from newsletter.states import Fitness

# The worst first, as a person reads them.
_ORDER = (Fitness.FAILING, Fitness.UNKNOWN, Fitness.ADVICE, Fitness.OK)


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` of a `topic` has its words in `words`; `values` go into them.

    `put` are lines to copy, such as DNS records.
    """

    topic: str
    kind: str
    status: str = Fitness.OK.value
    values: dict[str, Any] = field(default_factory=dict)
    put: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        return cls(**{**data, "put": tuple(data["put"])})


def ok(topic: str, kind: str, **values: Any) -> Finding:
    return Finding(topic, kind, Fitness.OK.value, values)


def advice(topic: str, kind: str, *put: str, **values: Any) -> Finding:
    return Finding(topic, kind, Fitness.ADVICE.value, values, put)


def failing(topic: str, kind: str, *put: str, **values: Any) -> Finding:
    return Finding(topic, kind, Fitness.FAILING.value, values, put)


def unknown(topic: str, kind: str, *put: str, **values: Any) -> Finding:
    return Finding(topic, kind, Fitness.UNKNOWN.value, values, put)


def worst(findings: Iterable[Finding]) -> Fitness:
    """The verdict on all of them; something that was not looked at is no failure."""
    found = {finding.status for finding in findings}
    return next((status for status in _ORDER if status.value in found), Fitness.OK)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, otherwise as they were found."""
    order = [status.value for status in _ORDER]
    return sorted(findings, key=lambda finding: order.index(finding.status))
