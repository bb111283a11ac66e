import pytest

from newsletter.digests.answers import Verdict, judge
from newsletter.postbox import Cut, Phase, Refused, Reply


@pytest.mark.parametrize(
    ("phase", "answer", "verdict"),
    [
        # The mailbox does not exist.
        ("rcpt", "550 5.1.1 no such user", Verdict.BOUNCE),
        ("rcpt", "550 5.1.2 bad destination system", Verdict.BOUNCE),
        ("rcpt", "553 5.1.3 bad syntax", Verdict.BOUNCE),
        ("rcpt", "550 5.1.6 moved without a word", Verdict.BOUNCE),
        ("rcpt", "556 5.1.10 null MX", Verdict.BOUNCE),
        ("rcpt", "550 5.2.1 disabled", Verdict.BOUNCE),
        ("dot", "550 5.1.1 no such user", Verdict.BOUNCE),
        ("rcpt", "550 User unknown", Verdict.BOUNCE),
        ("rcpt", "550 Mailbox not found. http://service.mail.qq.com", Verdict.BOUNCE),
        ("rcpt", "550 User not found: reader@163.com", Verdict.BOUNCE),
        ("rcpt", "551 No such user here", Verdict.BOUNCE),
        ("rcpt", "553 Recipient does not exist", Verdict.BOUNCE),
        # Refused for a reason that says nothing about the mailbox.
        ("rcpt", "550 5.7.1 listed at a block list", Verdict.FAIL),
        ("rcpt", "550 5.7.1 user unknown to our policy", Verdict.FAIL),
        ("rcpt", "550 blocked, see our website", Verdict.FAIL),
        ("rcpt", "552 5.2.2 mailbox full", Verdict.FAIL),
        ("rcpt", "554 user unknown", Verdict.FAIL),
        ("data", "550 user unknown", Verdict.FAIL),
        ("data", "554 5.5.1 no valid recipients", Verdict.FAIL),
        ("dot", "554 5.6.0 looks like spam", Verdict.FAIL),
        # Later.
        ("rcpt", "450 4.2.0 greylisted", Verdict.RETRY),
        ("rcpt", "452 4.2.2 mailbox full", Verdict.RETRY),
        ("data", "451 4.3.0 try again", Verdict.RETRY),
        ("dot", "451 4.7.1 too fast", Verdict.RETRY),
        ("dot", "421 4.3.2 going down", Verdict.RETRY),
        # The connection, not the recipient.
        ("connect", "421 4.7.0 too many connections", Verdict.BACK_OFF),
        ("login", "454 4.7.0 not now", Verdict.BACK_OFF),
        ("mail", "451 4.3.2 not now", Verdict.BACK_OFF),
        ("rcpt", "421 4.3.2 going down", Verdict.BACK_OFF),
        # A person must look.
        ("connect", "554 5.7.1 you are listed", Verdict.PAUSE),
        ("login", "535 5.7.8 wrong password", Verdict.PAUSE),
        ("mail", "530 5.7.0 log in first", Verdict.PAUSE),
        ("mail", "550 5.7.1 sender refused", Verdict.PAUSE),
        ("mail", "552 5.3.4 message too big", Verdict.PAUSE),
        ("rcpt", "530 5.7.0 log in first", Verdict.PAUSE),
        ("rcpt", "534 5.7.9 stronger, please", Verdict.PAUSE),
    ],
)
def test_answer_means(phase, answer, verdict):
    code, _, text = answer.partition(" ")

    assert judge(Refused(Phase(phase), Reply(int(code), text))) is verdict


@pytest.mark.parametrize(
    ("phase", "verdict"),
    [
        ("connect", Verdict.BACK_OFF),
        ("login", Verdict.BACK_OFF),
        ("mail", Verdict.BREAK),
        ("rcpt", Verdict.BREAK),
        ("data", Verdict.BREAK),
        ("dot", Verdict.UNCERTAIN),
    ],
)
def test_cut_means(phase, verdict):
    assert judge(Cut(Phase(phase), "reset by peer")) is verdict
