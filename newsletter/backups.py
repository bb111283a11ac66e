"""Everything worth keeping in one file, and back out of it into an empty database.

The file is a gzipped tar: `manifest.json`, `data.jsonl` (each row as Django serialises
it, so that SQLite's backup can become PostgreSQL's content) and `media/`. Sessions and
what migrations make are left out; so is the secret key, which is kept elsewhere.
"""

import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from editorial.models import Notice, VerdictChange
from newsletter import digests
from newsletter.models import Confirmation, Digest
from newsletter.states import DigestState, PauseReason

FORMAT = 1
APPS = ("editorial", "newsletter", "account", "socialaccount", "mfa")
RESTORED = "restored from a backup"


class NotABackup(ValueError):
    """The file cannot be restored here; the message says why. Nothing was written."""


def write_backup(path: Path) -> dict[str, int]:
    """Write everything to a new file; how many rows of each table.

    One snapshot: what is saved meanwhile is not in it. Raises FileExistsError rather
    than overwrite, and leaves no half file behind.
    """
    if path.exists():
        raise FileExistsError(str(path))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with _snapshot(), tarfile.open(unfinished, "w:gz") as archive:
            counts = _add_rows(archive)
            _add_bytes(archive, "manifest.json", _manifest(counts))
            if settings.MEDIA_ROOT.is_dir():
                archive.add(settings.MEDIA_ROOT, "media")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


@contextmanager
def _snapshot() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def _add_rows(archive: tarfile.TarFile) -> dict[str, int]:
    counts: dict[str, int] = {}
    with tempfile.TemporaryFile("w+b") as file:
        lines = io.TextIOWrapper(file, "utf-8")
        for model in _models():
            rows = model._default_manager.order_by("pk")
            serializers.serialize("jsonl", rows.iterator(2000), stream=lines)
            counts[model._meta.label] = rows.count()
        lines.flush()
        member = tarfile.TarInfo("data.jsonl")
        member.size = file.tell()
        file.seek(0)
        archive.addfile(member, cast(IO[bytes], file))
        lines.detach()
    return counts


def _manifest(counts: dict[str, int]) -> bytes:
    content = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "migrations": _migrations(),
        "rows": counts,
    }
    return json.dumps(content, indent=1).encode()


def _migrations() -> list[list[str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in applied if app in APPS)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def restore_backup(path: Path) -> dict[str, int]:
    """Read a backup into this empty, migrated database; how many rows of each table.

    All or nothing for the database; pictures without rows harm nobody. Nobody is mailed by what comes back: a digest that
    was being sent is paused, one that counted down is held, and mail that was owed is marked as not sent, because a
    backup does not know what happened after it. Raises NotABackup, or OSError.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            manifest = _read_manifest(archive)
            _require_room(manifest)
            _extract_media(archive)  # first: a row of a picture looks at its file
            with transaction.atomic():
                _load_rows(_member(archive, "data.jsonl"))
                _hold_mail()
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(f"{path} is damaged or no backup: {error}") from error
    return manifest["rows"]


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        content = archive.extractfile(name)
    except KeyError:
        content = None
    if content is None:
        raise NotABackup(f"There is no {name} in it: this is no backup of Masthead.")
    return content


def _read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    manifest = json.load(_member(archive, "manifest.json"))
    if manifest.get("format") != FORMAT:
        raise NotABackup("It was made by another version of Masthead.")
    return manifest


def _require_room(manifest: dict[str, Any]) -> None:
    if manifest["migrations"] != _migrations():
        raise NotABackup(
            "Its tables are those of another version. Restore it with the version that "
            "made it, then upgrade and migrate."
        )
    full = [
        m._meta.verbose_name_plural for m in _models() if m._default_manager.exists()
    ]
    if full:
        raise NotABackup(
            f"This database is not empty (there are {full[0]}). Create a new one, run "
            "`manage.py migrate`, and restore into that."
        )


def _load_rows(lines: IO[bytes]) -> None:
    try:
        for row in serializers.deserialize("jsonl", lines):
            row.save()
        connection.check_constraints()
    except (DeserializationError, IntegrityError) as error:
        raise NotABackup(f"Its rows do not fit together: {error}") from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)


def _hold_mail() -> None:
    why = PauseReason.RESTORED
    for digest in Digest.objects.filter(state=DigestState.SENDING):
        digests.stop_sending(digest, reason=why)
    for digest in Digest.objects.filter(state=DigestState.FREEZING):
        digests.hold_again(digest, reason=why)
    for digest in Digest.objects.counting_down():
        digests.hold_again(digest, reason=why)
    given_up = {"failed_at": timezone.now(), "error": RESTORED}
    Notice.objects.filter(sent_at=None, failed_at=None).update(**given_up)
    VerdictChange.objects.filter(to_tell=True).update(to_tell=False)
    Confirmation.objects.filter(sent_at=None, failed_at=None).update(**given_up)


def _extract_media(archive: tarfile.TarFile) -> None:
    """Pictures go where uploads are kept; names cannot lead out of that folder."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for member in archive.getmembers():
        if member.name.startswith("media/"):
            member.name = member.name.removeprefix("media/")
            archive.extract(member, settings.MEDIA_ROOT, filter="data")
