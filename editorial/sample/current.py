"""The sample's issue in the making: an item in every state, talk, a missing picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.files import File

from editorial import workflow
from editorial.models import Issue, Item, ItemImage, Section, Topic, User

from .archive import AUTHORS, NEWS, PROJECTS, READING, UPSTREAM


def write_current_issue(
    *,
    people: Mapping[str, User],
    planned_on: date,
    deadline_at: datetime,
    picture: File,
) -> Issue:
    """Issue 23, collecting, through the same moves a team would make."""
    editor = people["远舟"]
    issue = workflow.create_issue(
        by=editor,
        number="23",
        title="可观测性，从起名字开始",
        planned_on=planned_on,
        deadline_at=deadline_at,
        lead_editor=editor,
    )
    workflow.set_credits(
        issue=issue, by=editor, credits=[(name, "author") for name in AUTHORS]
    )
    issue.refresh_from_db()
    _write_news(issue, people, picture)
    _write_upstream(issue, people)
    _write_the_rest(issue, people)
    _fill_backlog(people)
    return issue


def _write(
    by: User,
    issue: Issue | None,
    section: str,
    headline: str,
    url: str,
    text: str,
    **more: Any,
) -> Item:
    topic = more.pop("topic", None)
    return workflow.create_item(
        by=by,
        issue=issue,
        section=Section.objects.get(title=section),
        topic=Topic.objects.get(name=topic) if topic else None,
        headline=headline,
        url=url,
        commentary=text,
        **more,
    )


def _write_news(issue: Issue, people: Mapping[str, User], picture: File) -> None:
    editor = people["远舟"]
    collector = _write(
        people["青石"],
        issue,
        NEWS,
        "采集器也要做容量规划",
        "https://opentelemetry.io/docs/collector/",
        "把采集、加工和转发从业务进程里拿出来以后，采集器自己成了要照看的服务。文档给出了批处理和内存上限的先后顺序，"
        "**顺序反了，上限就形同虚设**。",
    )
    chart = ItemImage(
        alt="柱状图：同样的流量下，先批处理再转发的采集器占用内存更少",
        caption="批处理前（灰）与后（红）的内存占用，示意数字",
    )
    chart.file.save("memory.png", picture, save=False)
    workflow.set_images(item=collector, by=people["青石"], images=[chart])
    workflow.submit_item(item=collector, by=people["青石"])
    workflow.approve_item(item=collector, by=editor)

    naming = _write(
        people["半夏"],
        issue,
        NEWS,
        "指标名起不好，三个月后没人敢改",
        "https://prometheus.io/docs/practices/naming/",
        "单位写进名字、前缀写清归属、标签别放用户编号：官方的起名约定只有一页，照着检查一遍自家指标，通常能删掉一半。",
    )
    # The picture was promised and never came: preflight says so.
    workflow.set_images(
        item=naming, by=people["半夏"], images=[ItemImage(alt="改名前后的指标对照")]
    )
    workflow.submit_item(item=naming, by=people["半夏"])
    workflow.comment_item(
        item=naming, by=people["青石"], text="对照图能不能换成表格？手机上看得更清楚。"
    )
    workflow.comment_item(item=naming, by=people["半夏"], text="好，今晚补上。")


def _write_upstream(issue: Issue, people: Mapping[str, User]) -> None:
    tinglan = people["听澜"]
    namespaces = _write(
        tinglan,
        issue,
        UPSTREAM,
        "容器里的 root，不再是机器上的 root",
        "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/",
        "启用用户命名空间以后，容器内的超级用户在宿主机上只是个普通编号，逃逸的后果小了一大截。"
        "先确认节点的内核与文件系统支持，再从无状态服务试起。",
        topic="Kubernetes",
    )
    workflow.submit_item(item=namespaces, by=tinglan)

    _write(
        people["远舟"],
        issue,
        UPSTREAM,
        "升级之前，先把发布说明读到最后一行",
        "https://github.com/etcd-io/etcd/releases",
        "（待写：挑出影响备份脚本的两处改动。）",
        topic="etcd",
    )

    eventing = _write(
        tinglan,
        issue,
        UPSTREAM,
        "事件从哪里来，又由谁兜底",
        "https://knative.dev/docs/eventing/",
        "Broker 收下事件，Trigger 按条件转交，失败的进入死信。",
        topic="Knative",
    )
    workflow.submit_item(item=eventing, by=tinglan)
    workflow.request_changes(
        item=eventing,
        by=people["远舟"],
        note="讲清楚了是什么，还差一句为什么值得看；死信那一半可以举个例子。",
    )


def _write_the_rest(issue: Issue, people: Mapping[str, User]) -> None:
    editor = people["远舟"]
    tower = _write(
        people["青石"],
        issue,
        PROJECTS,
        "望楼：给小集群用的告警值班表",
        "https://wanglou.example/guide/",
        "一个文件写清楚谁哪天值班、多久没人应答就找下一位；没有数据库，放进仓库就能评审。",
        label="新项目",
    )
    workflow.submit_item(item=tower, by=people["青石"])
    workflow.approve_item(
        item=tower, by=editor, note="域名还没解析出来，发布前再看一眼。"
    )

    again = _write(
        people["半夏"],
        issue,
        PROJECTS,
        "stern：跟踪一组 Pod 的日志",
        "https://github.com/stern/stern",
        "颜色区分来源，新起来的 Pod 自动跟上。",
    )
    workflow.submit_item(item=again, by=people["半夏"])
    workflow.reject_item(item=again, by=editor, note="第 21 期推荐过，换一个吧。")

    reading = _write(
        people["知秋"],
        issue,
        READING,
        "发布这件事，也值得当工程来做",
        "https://sre.google/sre-book/release-engineering/",
        "小步、可重复、随时能退回：二十页讲完了我们每周五都在做的事。",
    )
    workflow.submit_item(item=reading, by=people["知秋"])
    workflow.approve_item(item=reading, by=editor)


def _fill_backlog(people: Mapping[str, User]) -> None:
    signing = _write(
        people["青石"],
        None,
        PROJECTS,
        "给镜像签名，从一条命令开始",
        "https://docs.sigstore.dev/",
        "不用自己保管长期密钥，签名时临时换取证书，公开账本留痕。",
    )
    workflow.submit_item(item=signing, by=people["青石"])
    _write(
        people["半夏"],
        None,
        READING,
        "云原生应用的十二条老规矩",
        "https://12factor.net/zh_cn/",
        "重读一遍，看看哪几条已经成了空气。",
    )
