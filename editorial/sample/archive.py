"""The sample's two past issues, in the project's own words.

The links are the projects' own documentation, so that a check measures something real.
"""

from collections.abc import Mapping
from dataclasses import replace

from editorial.content.outline import Credit, Group, Image, Item, Outline, Section

NEWS, UPSTREAM, PROJECTS, READING = (
    "业界要闻",
    "上游重要进展",
    "开源项目推荐",
    "本周阅读推荐",
)
AUTHORS = ("青石", "半夏", "听澜", "远舟", "知秋")
BYLINE = tuple(Credit(name) for name in AUTHORS)
LABEL = "本期作者"

ISSUE_21 = Outline(
    number="21",
    title="请求太多时，先让谁进门",
    dek="API Server 的排队规则值得每个集群管理员读一遍；边车容器有了自己的生命周期；三个省力的命令行工具。",
    opening_note="这一期由听澜起头。读者来信问得最多的是“集群忙的时候到底先保谁”，我们就从这里开始。",
    sections=(
        Section(
            NEWS,
            (
                Group(
                    None,
                    (
                        Item(
                            "把请求分成几条队：API 优先级与公平性",
                            "https://kubernetes.io/docs/concepts/cluster-administration/flow-control/",
                            "过去 API Server 只会数人头：同时处理的请求满了就一律拒绝，谁吵谁占便宜。现在它按**优先级和来源**分队，"
                            "一个失控的控制器只会堵住自己那条队。\n\n"
                            "升级前先看两件事：\n\n- 自己写的控制器落在哪个 FlowSchema；\n- 监控里有没有收集被拒绝的请求数。",
                            images=(
                                Image(
                                    "queues",
                                    alt="柱状图：分队之后，节点心跳、控制器和普通用户三类请求的等待时间都变短了",
                                    caption="分队前（灰）与分队后（红）的等待时间，示意数字",
                                ),
                            ),
                            credit="听澜",
                        ),
                        Item(
                            "Helm 图表可以像镜像一样存放",
                            "https://helm.sh/docs/topics/registries/",
                            "图表推到 OCI 仓库以后，不必再单独维护一份索引文件；权限、扫描、清理都沿用镜像那一套。已有镜像仓库的团队，迁移成本几乎只剩改几行流水线。",
                            credit="半夏",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            UPSTREAM,
            (
                Group(
                    "Kubernetes",
                    (
                        Item(
                            "边车容器终于有了先来后到",
                            "https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/",
                            "把边车写成可重启的初始化容器，它就会在主容器之前就绪、在主容器之后退出。批处理任务跑完却被日志边车拖着不结束的老问题，从此不用再写脚本去救。",
                            label="值得升级",
                            credit="青石",
                        ),
                        Item(
                            "EndpointSlice 取代了那个越来越大的 Endpoints 对象",
                            "https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/",
                            "上千个后端挤在一个对象里，每变一个就要全量推送一遍。切片以后只推送变化的那一片。",
                            credit="青石",
                        ),
                    ),
                ),
                Group(
                    "etcd",
                    (
                        Item(
                            "碎片整理会停顿，排好时间再做",
                            "https://etcd.io/docs/v3.5/op-guide/maintenance/",
                            "压缩历史只是让空间可以再用，要真正把磁盘还回来还得整理碎片；整理时这个成员不应答读写，所以要**一个一个来**。",
                            credit="远舟",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            PROJECTS,
            (
                Group(
                    None,
                    (
                        Item(
                            "stern：一次看许多个 Pod 的日志",
                            "https://github.com/stern/stern",
                            "按名字或标签跟踪一组 Pod，颜色区分来源，新起来的自动跟上。排查滚动发布时比开五个终端省心。",
                            credit="半夏",
                        ),
                        Item(
                            "k9s：终端里的集群仪表盘",
                            "https://github.com/derailed/k9s",
                            "键盘就能在资源之间跳转、看日志、进容器。只给了只读权限也能用，适合值班同事。",
                            credit="半夏",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            READING,
            (
                Group(
                    None,
                    (
                        Item(
                            "过载时怎样体面地拒绝",
                            "https://sre.google/sre-book/handling-overload/",
                            "和本期头条是同一个话题的另一面：客户端也要学会少重试、早放弃。",
                            credit="知秋",
                        ),
                    ),
                ),
            ),
        ),
    ),
    credits=BYLINE,
    byline_label=LABEL,
)

ISSUE_22 = Outline(
    number="22",
    title="新成员先旁听，再投票",
    dek="etcd 的 learner 让扩容不再提心吊胆；没有 kube-proxy 的集群是什么样；以及一份排队作业的调度器。",
    sections=(
        Section(
            NEWS,
            (
                Group(
                    None,
                    (
                        Item(
                            "网关接口成了入口流量的新约定",
                            "https://kubernetes.io/docs/concepts/services-networking/gateway/",
                            "它把“谁提供网关”和“谁定义路由”分给两种角色：平台团队管监听和证书，业务团队管路径和权重，互相不用改对方的文件。",
                            credit="知秋",
                        ),
                        Item(
                            "没有 kube-proxy 的集群",
                            "https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/",
                            "服务转发改由 eBPF 完成以后，规则条数不再随服务数量线性增长。文档把前提写得很清楚：先核对内核版本，再决定要不要换。",
                            images=(
                                Image(
                                    "latency",
                                    alt="折线图：服务数量增加时，逐条匹配规则所花的时间不断上升",
                                    caption="服务越多，逐条匹配越慢（示意数字，单位毫秒）",
                                ),
                            ),
                            credit="青石",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            UPSTREAM,
            (
                Group(
                    "etcd",
                    (
                        Item(
                            "learner：先追上日志，再算作成员",
                            "https://etcd.io/docs/v3.5/learning/design-learner/",
                            "直接加一个空白成员，会让多数派的门槛先升高，偏偏这时它还什么都没有。learner 只收日志不投票，追上以后再转正，集群全程不降可用性。\n\n"
                            "> 扩容脚本里请把“加入”和“转正”写成两步，中间检查进度。",
                            credit="远舟",
                        ),
                    ),
                ),
                Group(
                    "Kubernetes",
                    (
                        Item(
                            "调度框架：把规则做成插件",
                            "https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/",
                            "过滤、打分、预留、绑定各有插入点，想改一条规则不必再维护一份完整的调度器分支。",
                            credit="听澜",
                        ),
                    ),
                ),
                Group(
                    "Knative",
                    (
                        Item(
                            "缩到零之前，先看懂这几个参数",
                            "https://knative.dev/docs/serving/autoscaling/",
                            "冷启动慢，多半是窗口和并发目标没配对。文档里的对照表可以直接拿来当检查清单。",
                            credit="听澜",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            PROJECTS,
            (
                Group(
                    None,
                    (
                        Item(
                            "Kueue：作业先排队，资源够了再开跑",
                            "https://github.com/kubernetes-sigs/kueue",
                            "训练任务挤在一起，谁也跑不完。Kueue 按队列和配额放行，放行之前一个 Pod 也不建。",
                            credit="半夏",
                        ),
                        Item(
                            "ko：给 Go 程序打镜像，不写 Dockerfile",
                            "https://github.com/ko-build/ko",
                            "编译、打包、推送、替换清单里的镜像名，一条命令做完，产物还自带物料清单。",
                            form="brief",
                            credit="半夏",
                        ),
                    ),
                ),
            ),
        ),
        Section(
            READING,
            (
                Group(
                    None,
                    (
                        Item(
                            "可视化的 Raft",
                            "https://raft.github.io/",
                            "读 etcd 那条之前，先在这里把选举过程点着看一遍，十分钟足够。",
                            credit="知秋",
                        ),
                    ),
                ),
            ),
        ),
    ),
    closing_note="下期截稿仍是周五中午。想加入我们，回信就行。",
    credits=BYLINE,
    byline_label=LABEL,
)


def past_issues(pictures: Mapping[str, str]) -> list[Outline]:
    """Older first. `pictures` gives the address of each stored chart by its name."""
    return [_with_pictures(outline, pictures) for outline in (ISSUE_21, ISSUE_22)]


def _with_pictures(outline: Outline, pictures: Mapping[str, str]) -> Outline:
    """The outline with each picture's name replaced by its address."""

    def placed(item: Item) -> Item:
        images = (replace(i, src=pictures[i.src or ""]) for i in item.images)
        return replace(item, images=tuple(images))

    def filled(section: Section) -> Section:
        groups = (
            replace(group, items=tuple(placed(item) for item in group.items))
            for group in section.groups
        )
        return replace(section, groups=tuple(groups))

    return replace(outline, sections=tuple(filled(s) for s in outline.sections))
