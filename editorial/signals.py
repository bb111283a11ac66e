"""The only messages the newsroom sends to the outside.

Each is sent with `send()` inside the transaction of the move it tells of: a receiver
that fails rolls the move back. A receiver only writes rows and rings workers on commit.
`errands_wanted` is a question instead: its receivers only read, and answer.
"""

from dataclasses import dataclass

from django.dispatch import Signal

# issue: Issue, revision: IssueRevision, by: User | None, imported: bool
issue_published = Signal()
# issue: Issue, by: User
issue_withdrawn = Signal()
# issue: Issue, revision: IssueRevision, by: User; for typo fixes too
issue_corrected = Signal()
# publication: Publication. The sample's readers must go with the sample.
sample_removed = Signal()
# user: User. What else waits for this person: a receiver answers with a list of Errand.
errands_wanted = Signal()


@dataclass(frozen=True, slots=True)
class Errand:
    """Something one person is to do outside the newsroom, and the page for it."""

    words: str
    press: str
    url: str
