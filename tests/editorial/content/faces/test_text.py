from editorial.content.faces import text

from . import issues


def test_whole_issue_reads_as_plain_text():
    assert text.render(issues.ISSUE, base="https://w.example") == (
        "卷首语\n\n"
        "要闻\n====\n\n"
        "说明\n\n"
        "1. 甲题\nhttps://www.a.test/x\n正文 https://b.test/y宣布\n— 墨客\n\n"
        "2. 乙题\n延迟 · 甲\nhttps://w.example/media/a.png\n\n"
        "要闻\n====\n\n"
        "Kubernetes\n----------\n\n"
        "3. [重要] mvcc: 调整\n\n"
        "etcd\n----\n\n"
        "4. 短讯\nhttps://c.test/\n\n"
        "再见\n"
    )
