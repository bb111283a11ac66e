"""Uploaded pictures: checked, turned upright, stripped of everything but pixels."""

import contextlib
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from editorial.pictures import MAX_BYTES, Picture, clean_picture, save_pictures
from tests.factories import ItemFactory, ItemImageFactory

ORIENTATION, GPS = 0x0112, 0x8825


def upload(kind="PNG", size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size).save(out, format=kind, **options)
    return SimpleUploadedFile("evil.php", out.getvalue())


def opened(content):
    return Image.open(io.BytesIO(content.read()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_accepted_kinds_stay_what_they_are(kind):
    cleaned = clean_picture(upload(kind))

    assert opened(cleaned).format == kind
    assert "evil" not in cleaned.name


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1"])
def test_pictures_of_every_mode_survive(mode):
    assert opened(clean_picture(upload(mode=mode))).size == (40, 30)


def test_metadata_is_gone_and_the_picture_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"

    cleaned = opened(clean_picture(upload("JPEG", exif=exif)))

    assert cleaned.size == (30, 40)
    assert not dict(cleaned.getexif())


def test_what_is_appended_to_a_picture_is_dropped():
    picture = upload()
    smuggled = SimpleUploadedFile("p.png", picture.read() + b"<?php evil ?>")

    assert b"evil" not in clean_picture(smuggled).read()


def test_animation_keeps_its_frames():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(
        out, format="GIF", save_all=True, append_images=frames[1:], duration=70
    )

    cleaned = opened(clean_picture(SimpleUploadedFile("a.gif", out.getvalue())))

    assert (cleaned.n_frames, cleaned.info["duration"]) == (3, 70)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SVG, "This is not a JPEG"),
        (b"", "This is not a JPEG"),
        (b"%PDF-1.7", "This is not a JPEG"),
        (upload("BMP").read(), "This is not a JPEG"),
        (upload("PNG").read()[:60], "damaged"),
        (b"x" * (MAX_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(data, said):
    with pytest.raises(ValidationError, match=said):
        clean_picture(SimpleUploadedFile("p.png", data))


def test_a_moving_picture_cut_off_anywhere_is_refused_or_repaired():
    whole = io.BytesIO()
    first, *others = [Image.new("RGB", (8, 8), (40 * n, 0, 0)) for n in range(3)]
    first.save(whole, "GIF", save_all=True, append_images=others)

    for length in range(len(whole.getvalue())):
        cut = SimpleUploadedFile("cut.gif", whole.getvalue()[:length])
        with contextlib.suppress(ValidationError):
            assert opened(clean_picture(cut)).size == (8, 8)


@pytest.mark.parametrize("size", [(8000, 5001), (20_000, 20_000)])
def test_too_many_pixels_are_refused_before_they_are_read(size):
    with pytest.raises(ValidationError, match="40 million"):
        clean_picture(upload(size=size, mode="1"))


@pytest.mark.django_db
def test_missing_picture_is_filled():
    item = ItemFactory()
    missing = ItemImageFactory(item=item, caption="图一")

    save_pictures(
        item=item,
        by=item.submitted_by,
        pictures=[Picture(pk=missing.pk, file=upload(), caption="图一", alt="一张图")],
    )

    image = item.images.get()
    assert not image.missing
    assert (image.alt, image.caption) == ("一张图", "图一")


@pytest.mark.django_db
def test_unchanged_pictures_change_nothing():
    item = ItemFactory()
    image = ItemImageFactory(item=item, alt="如旧")

    save_pictures(
        item=item,
        by=item.submitted_by,
        pictures=[Picture(pk=image.pk, alt="如旧"), Picture()],
    )

    item.refresh_from_db()
    assert (item.version, item.images.count()) == (1, 1)


@pytest.mark.django_db
def test_picture_is_removed_when_asked():
    item = ItemFactory()
    image = ItemImageFactory(item=item)

    save_pictures(
        item=item, by=item.submitted_by, pictures=[Picture(pk=image.pk, remove=True)]
    )

    assert not item.images.exists()


@pytest.mark.django_db
def test_picture_of_another_item_is_out_of_reach():
    item = ItemFactory()
    foreign = ItemImageFactory(alt="nicht dein")

    save_pictures(
        item=item, by=item.submitted_by, pictures=[Picture(pk=foreign.pk, alt="mine")]
    )

    foreign.refresh_from_db()
    assert foreign.alt == "nicht dein"
