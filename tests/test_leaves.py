"""The leaves of the newsroom stay leaves: they work without settings or models."""

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


@pytest.mark.parametrize("leaf", ["editorial.content", "editorial.fetching"])
def test_leaf_needs_no_database(leaf):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE"
    }

    imported = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, leaf],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert imported.returncode == 0, imported.stderr
