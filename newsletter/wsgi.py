"""WSGI entry point: `gunicorn newsletter.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")

application = get_wsgi_application()

from newsletter.checks import refuse_unsafe_start  # noqa: E402  (needs loaded apps)

refuse_unsafe_start()
