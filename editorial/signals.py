"""The only messages the newsroom sends to the outside.

Each is sent with `send()` inside the transaction of the move it tells of: a receiver
that fails rolls the move back. A receiver only writes rows and rings workers on commit.
"""

from django.dispatch import Signal

# issue: Issue, revision: IssueRevision, by: User | None, imported: bool
issue_published = Signal()
# issue: Issue, by: User
issue_withdrawn = Signal()
# issue: Issue, revision: IssueRevision, by: User
issue_corrected = Signal()
# publication: Publication. The sample's readers must go with the sample.
sample_removed = Signal()
