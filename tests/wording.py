"""The words of the interface as data, and how a text is searched for wrong ones."""

import re

# Wrong word → the word to say instead. The glossary's third column.
BANNED = {
    "edition": "issue",
    "后台": "编辑台",
    "专题": "主题",
    "词条": "稿件",
    "短评": "正文",
    "导语": "提要",
    "来源": "信息源",
    "投稿": "读者推荐",
    "备稿": "稿库",
    "提交": "交稿",
    "请修改": "待修改",
    "拒绝": "不采用",
    "征稿": "组稿中",
    "审读": "编校",
    "发信": "发送",
    "抑制": "停发名单",
    "链接健康": "链接检查",
    "排班": "轮值",
}

# Longer words in which a banned one means something else, and why.
INNOCENT = {
    "发信": ("开发信", "群发信"),  # parted otherwise: 开发|信, 群发|信
    "来源": ("来源于",),  # a verb; the noun is 信息源
}

# What a text of the interface says, word for word, in Chinese: (context, text).
AGREED = {
    ("", "Desk"): "编辑台",
    ("", "My turn"): "本期任务",
    ("", "Issue %(number)s"): "第%(number)s期",
    ("", "Section"): "栏目",
    ("", "Topic"): "主题",
    ("", "Brief"): "短讯",
    ("", "Headline"): "标题",
    ("", "Label"): "标签",
    ("", "Text"): "正文",
    ("", "What it is, and why it is worth reading."): "是什么，为什么值得看。",
    ("", "Dek"): "提要",
    ("", "Opening note"): "编者按",
    ("", "Closing note"): "文末说明",
    ("", "Cover"): "封面图",
    ("byline", "Authors"): "本期作者",
    ("", "Lead editor"): "责任编辑",
    ("", "Author"): "作者",
    ("", "Editor"): "编辑",
    ("", "Admin"): "管理员",
    ("", "Backlog"): "稿库",
    ("", "Draft"): "草稿",
    ("", "Submit"): "交稿",
    ("", "Submitted"): "待审",
    ("", "Approve"): "通过",
    ("", "Approved"): "已通过",
    ("", "Request changes"): "退回修改",
    ("", "Changes requested"): "待修改",
    ("", "Reject"): "不采用",
    ("", "Take back"): "撤回",
    ("", "Collecting"): "组稿中",
    ("", "Copy deadline"): "截稿时间",
    ("", "Close and proofread"): "截稿，开始编校",
    ("", "Proofing"): "编校",
    ("", "Approve the issue"): "定稿",
    ("", "Approved for publication"): "已定稿",
    ("of an issue", "approved"): "定稿",
    ("", "Planned for"): "计划日期",
    ("", "Schedule"): "定时发布",
    ("", "Publish"): "发布",
    ("", "Withdraw"): "撤下",
    ("", "Preflight"): "发布前检查",
    ("", "History"): "历史记录",
    ("", "audit trail"): "操作记录",
    ("", "Digest"): "邮件版",
    ("", "Held"): "暂缓发送",
    ("", "Subscribers"): "订阅者",
    ("", "Confirm the subscription"): "确认订阅",
    ("", "Unsubscribe"): "退订",
    ("", "Delivery"): "投递",
    ("", "suppressions"): "停发名单",
    ("", "OK"): "正常",
    ("", "Unsure"): "存疑",
    ("", "Broken"): "失效",
    ("", "Moved"): "已搬迁",
    ("", "Unreachable from here"): "本机访问不到",
}

_HAN = "[\u3400-\u9fff]"
_EDGE = r"(?<![A-Za-z]){}s?(?![A-Za-z])"

# Each is wrong in a Chinese text: what, and how it looks.
SLIPS = {
    "half-width punctuation": re.compile(
        rf"""{_HAN}[,.:;?!"'](?={_HAN}|\s|$)|{_HAN}\(|\){_HAN}|\.\.\."""
    ),
    "a typed space beside Han": re.compile(
        rf"{_HAN} +[\w%<(]|[\w>)] +{_HAN}", re.ASCII
    ),
    "a space after full-width punctuation": re.compile(r"[，。：；？！、] "),
    "a gendered or stiff pronoun": re.compile("(?<!其)他|她|您"),
}


def wrong_words(text: str) -> list[str]:
    """The banned words in `text`; in English whole words only, in any case."""
    found = []
    for word in BANNED:
        if word.isascii():
            if re.search(_EDGE.format(word), text, re.IGNORECASE):
                found.append(word)
            continue
        rest = text
        for innocent in INNOCENT.get(word, ()):
            rest = rest.replace(innocent, "")
        if word in rest:
            found.append(word)
    return found


def slips(text: str) -> list[str]:
    """What is typed wrongly in a Chinese text."""
    return [slip for slip, looks in SLIPS.items() if looks.search(text)]


def placeholders(text: str) -> list[str]:
    """What translation must hand through: %(name)s, %s, {name} and tags."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w[^>]*>", text))


def glossary_rows(text: str) -> list[tuple[str, str, list[str]]]:
    """English, Chinese and the banned words of each row of the glossary's table."""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[2] and cells[2] not in {"not", "---"}:
            rows.append((cells[0], cells[1], re.split(r"[、,，]\s*", cells[2])))
    return rows


def without_comments(template: str) -> str:
    """A template's source less what only its authors read."""
    template = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    pattern = r"\{% comment %\}.*?\{% endcomment %\}"
    return re.sub(pattern, "", template, flags=re.DOTALL)


def has_han(text: str) -> bool:
    return re.search(_HAN, text) is not None
