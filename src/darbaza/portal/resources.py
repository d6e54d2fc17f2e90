"""What the portal knows of a host: its canonical form and the categories that the box's catalogue puts it in."""

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from darbaza.catalogue.database import CatalogueDatabase, CatalogueError
from darbaza.policy.names import canonical_host, normal_path
from darbaza.policy.resource import Catalogue, Resource

logger = logging.getLogger(__name__)


def classify(host: str, path: str = "") -> Resource:
    """The resource that a host and a path name, with its listings. Raises `InvalidHost` for what cannot be read."""
    canonical = canonical_host(host)
    at = normal_path(path) if path else ""
    catalogue = current_catalogue()
    listings = catalogue.listings(canonical.name, at) if catalogue else ()
    return Resource(canonical.name, at, canonical.is_address, listings)


def current_catalogue() -> Catalogue | None:
    """The compiled catalogue as it stands on disk, or None where there is none yet."""
    if not settings.CATALOGUE_FILE:
        return None
    path = Path(settings.CATALOGUE_FILE)
    try:
        stat = path.stat()
    except OSError:
        return None
    return _opened(path, stat.st_mtime_ns, stat.st_ino)


@lru_cache(maxsize=2)
def _opened(path: Path, _changed: int, _inode: int) -> Catalogue | None:
    """One open catalogue per version of its file; None, with a line in the log, where the file is none."""
    try:
        return CatalogueDatabase.open(path)
    except (CatalogueError, OSError):
        logger.exception("catalogue `%s` cannot be opened", path)
        return None
