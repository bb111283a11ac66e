"""Settings of the tests, and of every process the journeys start.

Where the engines are comes by environment (tests/engines.py). Each xdist worker gets
a Redis database and a folder of its own; a process that a test starts inherits both.
"""

import os
from tempfile import gettempdir
from urllib.parse import urlsplit

os.environ.setdefault("SECRET_KEY", "only-for-tests-and-never-anywhere-else-0123456789")
os.environ.setdefault("PUBLIC_URL", "http://testserver")
os.environ.setdefault("MASTHEAD_DEVELOPMENT", "1")  # as scripts/up runs it: plain http

# For tools that only read the settings, such as mypy.
os.environ.setdefault("VAR_DIR", os.path.join(gettempdir(), "masthead-tests"))
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
# The addresses for all are kept, so that deriving one's own twice gives the same.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_folder = os.environ.setdefault("MASTHEAD_TESTS_VAR_DIR", os.environ["VAR_DIR"])
_broker = os.environ.setdefault("MASTHEAD_TESTS_REDIS_URL", os.environ["REDIS_URL"])
_url = urlsplit(_broker)
_number = int(_url.path.strip("/") or 0) + int(WORKER.removeprefix("gw"))
os.environ["VAR_DIR"] = os.path.join(_folder, WORKER)
os.environ["REDIS_URL"] = _url._replace(path=f"/{_number}").geturl()

from newsletter.settings import *  # noqa: E402, F403
from newsletter.settings import DATABASES, VAR_DIR, env  # noqa: E402

VAR_DIR.mkdir(parents=True, exist_ok=True)

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because other processes must see it too.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = VAR_DIR / "media"

# Public names of the tests lead to loopback listeners, here and only here.
FETCHING_SEAM = env("FETCHING_SEAM", default=None)
