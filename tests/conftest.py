"""What every test gets, and what a skip means where everything is required."""

import os

import pytest
from django.core.cache import cache

REQUIRED_EVERYWHERE = ("browser", "postgresql")


@pytest.fixture(autouse=True)
def _forget_cached() -> None:
    """No test meets the throttles or renderings that another left in the cache."""
    cache.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where everything is required (CI), a browser or PostgreSQL skip is a failure."""
    report = yield
    required = any(item.get_closest_marker(name) for name in REQUIRED_EVERYWHERE)
    if report.skipped and required and os.environ.get("MASTHEAD_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped here: {report.longrepr}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ["DATABASE_URL"].startswith("sqlite"):
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))
