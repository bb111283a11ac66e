"""Every address of Masthead, by door."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from django.views.static import serve

admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("desk/", include("editorial.desk.urls")),
    path("desk/", include("newsletter.desk.urls")),
    path("api/", include("newsletter.api")),
    path("", include("newsletter.health")),
    path("", include("newsletter.webhooks")),
    path("", include("newsletter.site.urls")),
]
handler400 = "newsletter.site.errors.not_understood"
handler403 = "newsletter.site.errors.forbidden"
handler404 = "newsletter.site.errors.not_found"

if settings.DEVELOPMENT:  # in production the proxy in front serves pictures
    urlpatterns += [
        path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT})
    ]
