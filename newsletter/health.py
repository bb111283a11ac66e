"""Is it alive, is it ready, does it consume? For load balancers and process managers.

Liveness is one's own process. Readiness is database, migrations and broker. A worker
is healthy when it carries out a task, not when its process exists; beat is healthy
when its ticks come out at a worker.
"""

import time
from uuid import uuid4

import redis
from celery import shared_task
from celery.utils.nodenames import worker_direct
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

HEARTBEAT_KEY = "masthead:heartbeat"
HEARTBEAT_SECONDS = 10.0
BROKER_PATIENCE = 0.4  # seconds: a readiness probe may not hang
ANSWER_KEPT = 60  # seconds a canary's answer waits for whoever asked

# Migrations of running code can only become complete, so one look is enough.
_migrated = False


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when this process can do its work, else 503 with the names of what lacks."""
    parts = readiness()
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def readiness() -> dict[str, bool]:
    """What this process needs, and whether it is there."""
    database = database_answers()
    return {
        "database": database,
        "migrations": database and migrations_complete(),
        "broker": broker_answers(),
    }


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def migrations_complete() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        _migrated = not plan
    return _migrated


def broker_answers() -> bool:
    try:
        with _broker(patience=BROKER_PATIENCE) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


def worker_answers(*, worker: str | None = None, seconds: float) -> bool:
    """Whether a worker carries out a task within so many seconds.

    `worker` (such as "celery@host") asks that one through its own queue; without it
    any worker may answer. A worker busy with long tasks answers when one ends.
    """
    token = uuid4().hex
    try:
        canary.apply_async(
            [token],
            queue=worker_direct(worker) if worker else None,
            expires=seconds,
        )
        with _broker(patience=seconds + 5) as broker:
            return broker.blpop([_answer_key(token)], timeout=seconds) is not None
    except (OperationalError, redis.RedisError):
        return False


def beat_ticked(*, within: float) -> bool:
    """Whether a tick of beat came out at a worker in the last so many seconds."""
    try:
        with _broker(patience=BROKER_PATIENCE) as broker:
            ticked_at = broker.get(HEARTBEAT_KEY)
    except redis.RedisError:
        return False
    return ticked_at is not None and time.time() - float(ticked_at) <= within


@shared_task(name="newsletter.canary")
def canary(token: str) -> None:
    """Answer whoever asked under this token."""
    with _broker(patience=BROKER_PATIENCE) as broker:
        broker.lpush(_answer_key(token), "alive")
        broker.expire(_answer_key(token), ANSWER_KEPT)


@shared_task(name="newsletter.heartbeat")
def heartbeat() -> None:
    """Note that a tick of beat arrived."""
    with _broker(patience=BROKER_PATIENCE) as broker:
        broker.set(HEARTBEAT_KEY, time.time(), ex=int(HEARTBEAT_SECONDS * 100))


def _answer_key(token: str) -> str:
    return f"masthead:canary:{token}"


def _broker(*, patience: float) -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=patience,
        socket_connect_timeout=BROKER_PATIENCE,
    )


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
