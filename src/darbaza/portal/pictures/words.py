"""Why a picture is not taken, and what to do instead, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.publication.pictures import Refusal, Refused

CHOOSE = _("Choose another picture.")
SMALLER = _("Make it smaller in any program for pictures, for example to 4,000 pixels on the longer side.")
ANEW = _("Open it on a computer and save it anew as JPEG or PNG.")

REASONS: dict[Refusal, tuple[str | Promise, str | Promise]] = {
    Refusal.EMPTY: (
        _("The file is empty."),
        CHOOSE,
    ),
    Refusal.TOO_MANY_BYTES: (
        _("The picture is larger than 30 MB."),
        SMALLER,
    ),
    Refusal.TOO_MANY_PIXELS: (
        _("The picture has more than 50 million pixels, or a side of more than 20,000."),
        SMALLER,
    ),
    Refusal.TOO_SMALL: (
        _("The picture is too small to show anything."),
        CHOOSE,
    ),
    Refusal.NO_PICTURE: (
        _("By its content the file is no JPEG, PNG, WebP or GIF, whatever its name says."),
        ANEW,
    ),
    Refusal.HEIC: (
        _("The picture is in HEIC, the format of iPhones, which browsers don't show."),
        _("On the iPhone choose Settings, Camera, Formats, Most Compatible; or save it on a computer as JPEG."),
    ),
    Refusal.SVG: (
        _("The file is a drawing in SVG, which can hold scripts."),
        _("Save the drawing as PNG."),
    ),
    Refusal.ANIMATED: (
        _("The picture moves: it has several frames, and each may show people."),
        _("Save one frame as JPEG or PNG."),
    ),
    Refusal.TWO_THINGS: (
        _("The file holds something else besides the picture: a page, an archive, a document or a program."),
        ANEW,
    ),
    Refusal.CUT_OFF: (
        _("The file ends before the picture does."),
        _("Copy the picture from the camera or telephone again."),
    ),
    Refusal.BROKEN: (
        _("The picture is damaged and can't be opened."),
        ANEW,
    ),
    Refusal.TOO_LONG: (
        _("Looking at the picture took too long: it is very large, or the server is busy."),
        SMALLER,
    ),
    Refusal.NOTHING_LEFT: (
        _("What you chose to keep lies outside the picture."),
        _("Choose the part to keep once more."),
    ),
    Refusal.NO_DETECTOR: (
        _("This machine can't look for faces: its processor is none that the detector is made for."),
        _("Run the portal on a machine with a 64-bit Intel or AMD processor."),
    ),
}
"""What is wrong, and the remedy."""


def words_of(refused: Refused) -> tuple[str, str]:
    """What is wrong with a picture, with the size or number that was found, and the remedy."""
    reason, remedy = REASONS[refused.why]
    return (f"{reason} ({refused.shown})" if refused.shown else str(reason)), str(remedy)
