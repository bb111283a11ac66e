"""Django admin for the newsroom: permissions from `rules`, moves through `workflow`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from . import issues, items, people, publication, trail  # noqa: F401  (registration)

# One way in for everybody: codes, passkeys and rate limits hold here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Masthead"
