"""How Masthead logs: one event a line, and the secret of no link in any of them.

Invitations, confirmations, sign-ins and unsubscribing go by links whose last part is a
secret. Whoever reads a log must not be able to use one.
"""

import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_SECRET = re.compile(
    r"(/(?:desk/(?:join|enter|setup)|confirm|unsubscribe|u|accounts/confirm-email"
    r"|accounts/password/reset/key)/)[^/\s?'\"&]+"
)


def mask_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The event with the secret part of every path replaced by an ellipsis."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    return _SECRET.sub(r"\1…", value) if isinstance(value, str) else value


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.stdlib.PositionalArgumentsFormatter(),
    mask_secrets,
]


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: structlog's events and everybody else's in the same form."""
    shown: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            mask_secrets,
            shown,
        ],
        "foreign_pre_chain": SHARED,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": formatter},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "event"}
        },
        "root": {"handlers": ["console"], "level": level},
        # It tells of each of its detectors, for every mail.
        "loggers": {"flufl.bounce": {"level": "WARNING"}},
    }


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: set up structlog beside the standard library's logging."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
