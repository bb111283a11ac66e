"""ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")

application = get_asgi_application()

from newsletter.checks import refuse_unsafe_start  # noqa: E402  (needs loaded apps)

refuse_unsafe_start()
