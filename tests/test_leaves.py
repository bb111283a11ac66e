"""What a process loads: leaves need no database, a newsroom only what it uses."""

import os
import subprocess
import sys

import pytest

from scripts.environment import ROOT

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
assert "django.db.models" not in sys.modules, "a database library came along"
"""

SET_UP = """
import django, sys
django.setup()
import editorial.tasks, newsletter.tasks
print("requests" in sys.modules)
"""


@pytest.mark.parametrize("leaf", ["editorial.content", "editorial.fetching"])
def test_leaf_needs_no_database(leaf):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE"
    }

    imported = run(IMPORT_ALL, leaf, env=environment)

    assert imported.returncode == 0, imported.stderr


@pytest.mark.parametrize(("client_id", "is_loaded"), [("", "False"), ("an-id", "True")])
def test_http_library_of_providers_is_loaded_where_one_is_used(client_id, is_loaded):
    environment = os.environ | {
        "GITHUB_CLIENT_ID": client_id,
        "EMAIL_URL": "smtp://127.0.0.1:25",
    }

    set_up = run(SET_UP, env=environment)

    assert set_up.stdout.strip() == is_loaded, set_up.stderr


def run(code, *arguments, env):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
