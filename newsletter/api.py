"""JSON of published issues and a door to subscribe, for anybody: `/api/v1/`.

It says what the pages say and nothing more: every issue comes from
`Issue.objects.published()` and the revision that is live; who subscribes through it is
asked by mail and limited as by the form.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from drf_spectacular.views import SpectacularAPIView
from rest_framework import permissions, serializers, status, viewsets
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from editorial.content import markdown
from editorial.models import Issue
from newsletter import subscriptions
from newsletter.site.clients import client_address
from newsletter.site.pages import absolute, canonical, reader_page
from newsletter.site.reading import minutes

app_name = "api"


class Withdrawn(APIException):
    """The issue was published once and is gone on purpose."""

    status_code = status.HTTP_410_GONE
    default_detail = "This issue was withdrawn."
    default_code = "withdrawn"


class ImageSerializer(serializers.Serializer):
    src = serializers.SerializerMethodField()
    alt = serializers.CharField()
    caption = serializers.CharField()
    credit = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)

    def get_src(self, image: Any) -> str:
        return _address(image.src)


class ItemSerializer(serializers.Serializer):
    """`text` is the commentary as Markdown, `html` the same, safe to show."""

    headline = serializers.CharField()
    label = serializers.CharField()
    link = serializers.CharField(allow_null=True)
    text = serializers.CharField(source="commentary")
    html = serializers.SerializerMethodField()
    form = serializers.CharField()
    credit = serializers.CharField(allow_null=True)
    images = serializers.SerializerMethodField()

    def get_html(self, item: Any) -> str:
        return markdown.render(item.commentary, base=absolute(""))

    @extend_schema_field(ImageSerializer(many=True))
    def get_images(self, item: Any) -> Any:
        present = [image for image in item.images if not image.missing]
        return ImageSerializer(present, many=True).data


class GroupSerializer(serializers.Serializer):
    topic = serializers.CharField(allow_null=True)
    items = ItemSerializer(many=True)


class SectionSerializer(serializers.Serializer):
    title = serializers.CharField()
    note = serializers.CharField()
    groups = GroupSerializer(many=True)


class CreditSerializer(serializers.Serializer):
    name = serializers.CharField()
    role = serializers.CharField()


class CorrectionSerializer(serializers.Serializer):
    """`item` is the number printed, null for the issue's own texts."""

    note = serializers.CharField()
    made_at = serializers.DateTimeField(source="at")
    item = serializers.IntegerField(allow_null=True)


class IssueSummarySerializer(serializers.ModelSerializer):
    """An issue in a list."""

    url = serializers.SerializerMethodField()
    api_url = serializers.SerializerMethodField()
    number = serializers.CharField(source="outline.number")
    title = serializers.CharField(source="outline.title")
    dek = serializers.CharField(source="outline.dek")
    authors = serializers.ListField(
        source="outline.authors", child=serializers.CharField()
    )
    reading_minutes = serializers.SerializerMethodField()

    class Meta:
        model = Issue
        fields: tuple[str, ...] = (
            "number",
            "slug",
            "url",
            "api_url",
            "title",
            "dek",
            "authors",
            "published_at",
            "reading_minutes",
        )

    def to_representation(self, instance: Issue) -> Any:
        instance.outline = instance.live_revision.outline
        return super().to_representation(instance)

    def get_url(self, issue: Issue) -> str:
        return absolute(issue.get_absolute_url())

    def get_api_url(self, issue: Issue) -> str:
        return absolute(reverse("api:issue-detail", args=[issue.slug]))

    def get_reading_minutes(self, issue: Issue) -> int:
        return minutes(issue.outline)


class IssueSerializer(IssueSummarySerializer):
    """An issue in full."""

    cover = serializers.SerializerMethodField()
    opening_note = serializers.CharField(source="outline.opening_note")
    sections = SectionSerializer(source="outline.sections", many=True)
    closing_note = serializers.CharField(source="outline.closing_note")
    credits = CreditSerializer(source="outline.credits", many=True)
    corrections = CorrectionSerializer(source="outline.corrections", many=True)
    content_hash = serializers.CharField(source="live_revision.content_hash")

    class Meta(IssueSummarySerializer.Meta):
        fields = (
            *IssueSummarySerializer.Meta.fields,
            "cover",
            "opening_note",
            "sections",
            "closing_note",
            "credits",
            "corrections",
            "content_hash",
        )

    @extend_schema_field(ImageSerializer(allow_null=True))
    def get_cover(self, issue: Issue) -> Any:
        cover = issue.outline.cover
        return ImageSerializer(cover).data if cover and not cover.missing else None


def _address(src: str) -> str:
    return absolute(src) if src.startswith("/") else src


class IssueViewSet(viewsets.ReadOnlyModelViewSet):
    """Published issues, newest first."""

    authentication_classes: tuple[type, ...] = ()
    permission_classes = (permissions.AllowAny,)
    lookup_field = "slug"
    queryset = Issue.objects.published().select_related("live_revision").newest_first()

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        listing = self.action == "list"
        return IssueSummarySerializer if listing else IssueSerializer

    @extend_schema(
        responses={
            200: IssueSerializer,
            404: OpenApiResponse(OpenApiTypes.OBJECT, "There is no such issue."),
            410: OpenApiResponse(OpenApiTypes.OBJECT, "It was withdrawn."),
        }
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One published issue in full."""
        try:
            return super().retrieve(request, *args, **kwargs)
        except Http404:
            if Issue.objects.withdrawn().filter(slug=kwargs["slug"]).exists():
                raise Withdrawn from None
            raise


class SubscribeSerializer(serializers.Serializer):
    """The address somebody typed, as it was typed."""

    address = serializers.CharField(max_length=254, trim_whitespace=False)


class AcceptedSerializer(serializers.Serializer):
    """`suggestion` is another address that may have been meant, or empty."""

    detail = serializers.CharField()
    suggestion = serializers.CharField(allow_blank=True)


class SubscribeView(APIView):
    """Ask for the digest by mail; a mail with a link to confirm goes to the address."""

    authentication_classes: tuple[type, ...] = ()
    permission_classes = (permissions.AllowAny,)

    @extend_schema(
        operation_id="subscribe",
        request=SubscribeSerializer,
        responses={
            202: AcceptedSerializer,
            400: OpenApiResponse(OpenApiTypes.OBJECT, "What is wrong, by field."),
            429: OpenApiResponse(
                OpenApiTypes.OBJECT, "This network asked too often: see Retry-After."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """The same answer for new, known and suppressed addresses; no key needed."""
        asked = SubscribeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        address = asked.validated_data["address"]
        try:
            subscriptions.request_subscription(
                address=address, client=client_address(request), how="api"
            )
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        except subscriptions.TooManyRequests as error:
            raise Throttled(wait=error.retry_after) from error
        doubt = subscriptions.doubt(address)
        suggestion = doubt.suggestion if doubt else ""
        words = "A mail with a link to confirm is on its way."
        return Response(
            {"detail": words, "suggestion": suggestion}, status.HTTP_202_ACCEPTED
        )


@require_safe
@reader_page
def docs(request: HttpRequest) -> HttpResponse:
    """What there is, for people. Written by hand: it is two addresses and a schema."""
    context = {
        "canonical": canonical(request),
        "newest": Issue.objects.published().newest_first().first(),
    }
    return render(request, "newsletter/site/api.html", context)


router = SimpleRouter()
router.register("issues", IssueViewSet, basename="issue")

_PUBLIC = {"authentication_classes": [], "permission_classes": [permissions.AllowAny]}
urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/subscribers/", SubscribeView.as_view(), name="subscribe"),
    path("schema/", SpectacularAPIView.as_view(**_PUBLIC), name="schema"),
    path("docs/", docs, name="docs"),
]
