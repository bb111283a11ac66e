"""The door for mail providers: what became of the mails they carried for us.

Each provider is checked by django-anymail: by the name and password of
ANYMAIL_WEBHOOK_SECRET, which its webhook's address carries, and by its signature where
it has one and its key is set. What cannot be verified is answered with 200 and ignored
(RELIABILITY §1): a forger learns nothing, and is sent nothing to try again for.
"""

import logging
from collections.abc import Callable

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, tracking
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter import returns

logger = logging.getLogger(__name__)

VIEWS = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def take(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's reports. 400 for what makes no sense though it is signed."""
    if provider not in VIEWS:
        raise Http404
    if request.method == "HEAD":  # some ask whether anybody is there
        return HttpResponse()
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        logger.warning("a report of %s is ignored: no webhook secret is set", provider)
        return HttpResponse("ok\n", content_type="text/plain")
    try:
        return _view(provider)(request)
    except AnymailWebhookValidationFailure as failure:
        logger.warning("a report that cannot be verified is ignored: %s", failure)
    except (ImproperlyConfigured, ImportError) as error:
        logger.error("reports of %s cannot be verified: %s", provider, error)
    except (AnymailError, LookupError, TypeError, ValueError) as error:
        logger.warning("a report of %s makes no sense: %r", provider, error)
        return HttpResponseBadRequest("not understood\n", content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _view(provider: str) -> Callable[[HttpRequest], HttpResponse]:
    view = import_string(f"anymail.webhooks.{provider}.{VIEWS[provider]}")
    return view.as_view()


@receiver(tracking)
def take_report(event: AnymailTrackingEvent, esp_name: str, **kwargs: object) -> None:
    returns.take_event(provider=esp_name, event=event)


urlpatterns = [path("hooks/mail/<slug:provider>/", take, name="mail_webhook")]
