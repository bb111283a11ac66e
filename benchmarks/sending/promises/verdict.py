"""What a run came to: who was lost, who got two, who is uncertain, and the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """One line at the end of a command, and its exit status."""

    case: str
    timed: bool = True  # False where others are busy on the machine as well
    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def require(self, kept: bool, promise: str) -> None:
        """Note a promise that was not kept, in words."""
        if not kept:
            self.broken.append(promise)

    def require_in_time(self, kept: bool, promise: str) -> None:
        """Note a promise about time that was not kept."""
        self.require(kept or not self.timed, promise)

    def count(
        self, *, copies: Counter[str], everybody: set[str], unknown: set[str]
    ) -> None:
        """Compare what the mail server took with whom the ledger knows.

        Lost is who got nothing and is not listed as uncertain.
        """
        lost = len(everybody - set(copies) - unknown)
        duplicates = copies.total() - len(copies)
        self.figures |= {
            "lost": lost,
            "duplicates": duplicates,
            "unknown": len(unknown),
        }
        self.require(not lost, f"{lost} were lost")
        strangers = len(set(copies) - everybody)
        self.require(not strangers, f"{strangers} got it who should not")

    def __str__(self) -> str:
        word = "FAILED" if self.broken else "kept"
        figures = " ".join(f"{name}={value}" for name, value in self.figures.items())
        return "; ".join([f"{self.case}: {word} {figures}", *self.broken])

    @property
    def status(self) -> int:
        return 1 if self.broken else 0
