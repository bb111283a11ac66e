"""What readers get, and (as Django's project package) the wiring of the whole."""

from .celery import app as celery_app

__all__ = ["celery_app"]
