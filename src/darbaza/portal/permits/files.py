"""Which files a permission to download is for, in words, and what whoever decides may choose (3.3).

The gateway knows three kinds by the first bytes of a file. Where it saw the file that is asked for, exactly that one,
of its kind and to the byte of its size, is the first choice.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from darbaza.policy.rulebook import FileScope
from darbaza.portal.permits.models import FileKind
from darbaza.portal.permits.seen import Seen

MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 1024 * 1024
ANY = "any"
CHOSEN = re.compile(r"(program|multimedia|archive|any)(?:=(\d{1,15}))?")
"""A choice of the form: a kind or any, and the exact size where one file is meant."""


def words_of(files: FileScope | None) -> str:
    """`a program, exactly 1.8 MB (1843200 bytes)`; `any file` where nothing was narrowed."""
    if files is None or files == FileScope():
        return _("any file")
    kind = str(FileKind(files.kind).label) if files.kind in FileKind.values else _("any file")
    if not files.most:
        return _("%(kind)s, of any size") % {"kind": kind}
    size = {"kind": kind, "size": filesizeformat(files.most), "bytes": files.most}
    if files.least == files.most:
        return _("%(kind)s, exactly %(size)s (%(bytes)d bytes)") % size
    return _("%(kind)s, at most %(size)s") % size


def choices_of(seen: Iterable[Seen]) -> list[tuple[str, Any]]:
    """What may be chosen: each file that was seen, exactly; then all of one kind; then any."""
    exact = [
        (f"{one.kind}={one.size}", _("exactly this: %(file)s · %(host)s") % {"file": one.word, "host": one.host})
        for one in seen
        if one.size
    ]
    kinds = [(kind.value, _("any of this kind: %(kind)s") % {"kind": kind.label}) for kind in FileKind]
    return [*exact, *kinds, (ANY, _("any file"))]


def chosen(value: str, megabytes: int | None) -> FileScope:
    """The files that a choice means; a number of megabytes narrows what is not one exact file."""
    found = CHOSEN.fullmatch(value)
    kind, size = (found[1], int(found[2] or 0)) if found else (ANY, 0)
    kind = "" if kind == ANY else kind
    return FileScope(kind, size, size) if size else FileScope(kind, 0, (megabytes or 0) * MEGABYTE)
