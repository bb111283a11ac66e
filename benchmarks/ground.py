"""An empty database to measure on, and many processes at work on it at once."""

import argparse
import logging
import multiprocessing
import multiprocessing.synchronize
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests import engines

T = TypeVar("T")
ENGINES = ("postgresql", "sqlite")

_fork = multiprocessing.get_context("fork")
_work: tuple[Callable[[int], object], multiprocessing.synchronize.Barrier]


def add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=ENGINES, help="only on this database (otherwise on both)"
    )


def on_each_engine(module: str, arguments: list[str]) -> int:
    """Run the command once per engine, as settings are read once per process."""
    runs = [
        subprocess.run([sys.executable, "-m", module, "--engine", engine, *arguments])
        for engine in ENGINES
    ]
    return max(run.returncode for run in runs)


@contextmanager
def database(engine: str) -> Iterator[None]:
    """Django on an empty database of this engine; once per process, gone afterwards."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.pop("DATABASE_URL", None)
    if engine == "sqlite":
        folder = os.environ.setdefault("VAR_DIR", str(engines.new_folder()))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/masthead.sqlite3"
    engines.start_engines()
    import django
    from django.test.utils import setup_databases, teardown_databases

    django.setup()
    logging.disable(logging.WARNING)  # a conflict is no news here
    try:
        made = setup_databases(verbosity=0, interactive=False)
        yield
        teardown_databases(made, verbosity=0)
    finally:
        engines.stop_engines()


def at_once(count: int, deed: Callable[[int], T]) -> list[T]:
    """Run `deed(n)` in so many processes that begin together; their results in order."""
    from django.db import connections

    global _work
    connections.close_all()  # a connection does not survive being shared
    _work = deed, _fork.Barrier(count)
    with _fork.Pool(count) as pool:
        return pool.map(_run, range(count), chunksize=1)


def _run(n: int) -> object:
    deed, begin = _work
    begin.wait(timeout=120)
    return deed(n)
