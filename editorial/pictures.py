"""Pictures, uploaded or fetched, made fit to publish: checked, upright, and stripped.

A picture is drawn afresh from its pixels, so that no metadata (a camera's position
among it), no appended file and no script rides along. SVG is a program and is refused.
"""

from __future__ import annotations

import io
import struct
import uuid
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from editorial import throttle
from editorial.content.link_keys import InvalidUrl, host_of
from editorial.content.typed_text import clean_line
from editorial.fetching.images import FetchedImage, Trouble, fetch_image
from editorial.fetching.verdicts import Verdict
from editorial.links.words import finding_in, say
from editorial.models import Item, ItemImage, User
from editorial.workflow import set_images

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
# What Pillow raises, by format and place of the damage.
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
LINES = {"alt": 300, "caption": 200, "picture_credit": 120}


@dataclass(frozen=True, slots=True)
class Picture:
    """What a form says about one picture: a new one (`pk` None) or one that is there.

    `file` is an upload, or None to keep what is stored; `address` is where to fetch it
    from (`bring_in`) or, once fetched, was.
    """

    pk: int | None = None
    file: Any = None
    address: str = ""
    alt: str = ""
    caption: str = ""
    picture_credit: str = ""
    remove: bool = False


def bring_in(pictures: Iterable[Picture], *, by: User) -> list[Picture]:
    """The pictures, those named by an address fetched; for outside of a transaction.

    Without a credit, one gets the name of the site it came from. Raises ValidationError
    per row, as {"<pk or new>-address": …}.
    """
    errors: dict[str, Any] = {}
    brought = []
    for picture in pictures:
        if picture.address and not picture.remove:
            try:
                picture = _fetched(picture, by)
            except ValidationError as error:
                errors[f"{picture.pk or 'new'}-address"] = error
        brought.append(picture)
    if errors:
        raise ValidationError(errors)
    return brought


def _fetched(picture: Picture, by: User) -> Picture:
    if picture.file:
        raise ValidationError(_("Choose a file or name an address, not both."))
    try:
        throttle.count_visit("picture", by=by)
    except throttle.Throttled as error:
        raise ValidationError(_too_many(error.retry_after)) from error
    found = fetch_image(picture.address)
    if not found.body:
        raise ValidationError(_why_not(picture.address, found))
    credit = picture.picture_credit or _site_of(picture.address)
    return replace(
        picture,
        file=ContentFile(found.body),
        picture_credit=credit[: LINES["picture_credit"]],
    )


def _why_not(address: str, found: FetchedImage) -> str:
    if found.judgement.verdict is not Verdict.OK:
        why = say(finding_in(found.judgement, site=_site_of(address)))
        return _("%(why)s. Save the picture yourself and choose its file.") % {
            "why": why
        }
    if found.trouble is Trouble.TOO_LARGE:
        return str(_too_many_bytes().message)
    if found.trouble is Trouble.NO_PICTURE:
        return _(
            "There is no JPEG, PNG, WebP or GIF picture at this address. Open the picture "
            "by itself in your browser and copy that address."
        )
    return _("The picture broke off half-way. Try again, or choose its file.")


def _too_many(seconds: int) -> str:
    return ngettext(
        "That was a lot of pictures in one minute. Save again in %(n)d second; what you "
        "typed stays here.",
        "That was a lot of pictures in one minute. Save again in %(n)d seconds; what "
        "you typed stays here.",
        seconds,
    ) % {"n": seconds}


def _site_of(address: str) -> str:
    try:
        return host_of(address)
    except InvalidUrl:
        return ""


def _too_many_bytes() -> ValidationError:
    return ValidationError(
        _("This file is larger than 10 MB. Make the picture smaller and try again.")
    )


def clean_picture(upload: Any) -> ContentFile:
    """The uploaded picture, drawn afresh, under a name that only says its kind.

    Raises ValidationError with a sentence for whoever uploaded it.
    """
    if upload.size > MAX_BYTES:
        raise _too_many_bytes()
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            # Our own limit is stricter than the one Pillow warns of.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _redraw(Image.open(upload, formats=list(FORMATS)))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise ValidationError(
            _("This is not a JPEG, PNG, WebP or GIF picture. Save it as one of these.")
        ) from error
    except DAMAGED as error:
        raise ValidationError(
            _("This picture is damaged: it cannot be opened. Save it again.")
        ) from error


def _redraw(picture: Image.Image) -> ContentFile:
    width, height = picture.size
    frames = getattr(picture, "n_frames", 1)
    if width * height > MAX_PIXELS or width * height * frames > 4 * MAX_PIXELS:
        raise _too_many_pixels()
    kind = picture.format or "PNG"
    out = io.BytesIO()
    if frames > 1:
        _redraw_moving(picture, kind, out)
    else:
        _redraw_still(picture, kind, out)
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4().hex}.{FORMATS[kind]}")


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("This picture has more than 40 million pixels. Make it smaller.")
    )


def _redraw_still(picture: Image.Image, kind: str, out: io.BytesIO) -> None:
    upright = ImageOps.exif_transpose(picture)
    if kind == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    fresh = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        fresh.putpalette(upright.getpalette() or [])
    fresh.paste(upright)
    options: dict[str, Any] = {"quality": 88} if kind in {"JPEG", "WEBP"} else {}
    transparency = upright.info.get("transparency")
    if transparency is not None and kind in {"PNG", "GIF"}:
        options["transparency"] = transparency
    fresh.save(out, format=kind, optimize=True, **options)


def _redraw_moving(picture: Image.Image, kind: str, out: io.BytesIO) -> None:
    """An animation keeps its frames, their times and its loops, and nothing else."""
    frames, times = [], []
    for each in ImageSequence.Iterator(picture):
        frame = each.convert("RGBA")
        frame.info.clear()
        frames.append(frame)
        times.append(int(each.info.get("duration") or 100))
    first, *others = frames
    loop = int(picture.info.get("loop", 0))
    first.save(
        out, format=kind, save_all=True, append_images=others, duration=times, loop=loop
    )


@transaction.atomic
def save_pictures(*, item: Item, by: User, pictures: list[Picture]) -> Item:
    """Bring an item's pictures in line with a form; unchanged ones change nothing.

    A missing picture (lost in copying) is filled by its row's `file`. A row without a
    file and without words is passed over. Raises ValidationError per row, as
    {"<pk or new>-<field>": …}, and then nothing was written.
    """
    stored = {image.pk: image for image in item.images.all()}
    errors: dict[str, Any] = {}
    images: list[ItemImage] = []
    changed = False
    for picture in pictures:
        image = stored.pop(picture.pk, None) if picture.pk else ItemImage()
        if image is None or (not picture.pk and not picture.file):
            continue
        if picture.remove:
            changed = True
            continue
        try:
            changed |= _fill(image, picture)
        except ValidationError as error:
            for name, found in error.error_dict.items():
                errors[f"{picture.pk or 'new'}-{name}"] = found
        images.append(image)
    if errors:
        raise ValidationError(errors)
    images += stored.values()  # not on the form: somebody added them meanwhile
    return set_images(item=item, by=by, images=images) if changed else item


def _fill(image: ItemImage, picture: Picture) -> bool:
    """Write the form's words and file into the row; whether anything is new."""
    errors: dict[str, Any] = {}
    changed = False
    for name, limit in LINES.items():
        try:
            words = clean_line(getattr(picture, name), limit)
        except ValueError as error:
            errors[name] = str(error)
            continue
        changed |= words != getattr(image, name)
        setattr(image, name, words)
    if picture.file:
        try:
            image.file = clean_picture(picture.file)
            image.source_url = picture.address
            changed = True
        except ValidationError as error:
            errors["address" if picture.address else "file"] = error
    if errors:
        raise ValidationError(errors)
    return changed
