"""Everything that must stand before the demo runs: database, school, box, lists. Safe to run again; `serve` calls it.

`python -m darbaza.demo.prepare`, with the environment that `portal_environment` gives.
"""

import os
import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from darbaza import catalogue
from darbaza.agent.settings import CATALOGUE, PEER_SECRET, PORTAL_KEYS, TOKEN, peer_secret
from darbaza.catalogue.library import Library, Status
from darbaza.clock import utc_now
from darbaza.demo.places import (
    BOX_NAME,
    DNSDIST_PORT,
    HOST,
    HTTP_PORT,
    INTERNET,
    INTERNET_DNS_PORT,
    PORTAL_PORT,
    PORTAL_URL,
    SCHOOL_NAME,
    SHIFT,
    SQUID_PORT,
    TLS_PORT,
    WHY_PORT,
    Folders,
    folders,
)

DEMO_LISTS = Path(catalogue.__file__).parent / "demo_lists"

BOX_TOML = f"""\
# The demo's box. Written by script/serve at every start.
[box]
name = "{BOX_NAME}"
portal = "{PORTAL_URL}"
http_ports = [{HTTP_PORT}]
tls_ports = [{TLS_PORT}]
allowed_private = ["{INTERNET}"]

[why]
listen = "{HOST}:{WHY_PORT}"

[squid]
name = "darbazademo{SHIFT or ""}"
listen = ["{HOST}:{SQUID_PORT}"]
networks = ["127.0.0.0/16"]
hosts_file = "{{hosts}}"

[dnsdist]
listen = ["{HOST}:{DNSDIST_PORT}"]
upstreams = ["{HOST}:{INTERNET_DNS_PORT}"]
box = "{HOST}"
clients = ["127.0.0.0/16"]
"""


def portal_environment(places: Folders) -> dict[str, str]:
    """The portal's settings in the demo."""
    return {
        "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings",
        "DARBAZA_STATE": str(places.portal),
        "DARBAZA_PLAIN_HTTP": "1",
        "DARBAZA_SCHOOL": SCHOOL_NAME,
        "DARBAZA_CATALOGUE_FILE": str(places.box / CATALOGUE),
        "DARBAZA_PEER_SECRET_FILE": str(places.box / PEER_SECRET),
        "DARBAZA_TRUSTED_ORIGINS": f"{PORTAL_URL},http://localhost:{PORTAL_PORT},http://darbaza",
    }


def prepare(places: Folders) -> None:
    """Bring everything into being, or up to date."""
    for folder in (places.portal, places.box / "keys", places.demo, places.log):
        folder.mkdir(parents=True, exist_ok=True)
    write_box_settings(places)
    prepare_portal(places)
    prepare_lists(places)


def write_box_settings(places: Folders) -> None:
    """`box.toml` and the secret between Squid and the portal."""
    places.box.chmod(0o750)
    (places.box / "box.toml").write_text(BOX_TOML.format(hosts=places.hosts), encoding="utf-8")
    peer_secret(places.box)


def prepare_portal(places: Folders, found: Callable[[Path, datetime], object] | None = None) -> None:
    """Database, static files, the school (the demo's unless `found` makes another), and the box's token and key."""
    key = places.portal / "secret_key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(60), encoding="ascii")
    import django

    django.setup()
    from django.core.management import call_command

    from darbaza.demo import school

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    (found or school.found)(places.secrets, utc_now())
    token = places.box / TOKEN
    if not token.exists():
        call_command("enrol_box", BOX_NAME, token_file=token, key_file=places.box / PORTAL_KEYS)


def prepare_lists(places: Folders, lists: Path = DEMO_LISTS) -> None:
    """The lists of invented hosts, compiled for both engines."""
    library = Library(places.box / "lists", own_hosts=("darbaza", "why"))
    outcomes = library.import_folder(lists, utc_now())
    target = places.box / CATALOGUE
    if not target.exists() or any(outcome.status is Status.ACCEPTED for outcome in outcomes):
        library.compile(target)


def main() -> int:
    """Entry point."""
    places = folders()
    os.environ.update(portal_environment(places))
    prepare(places)
    return 0


if __name__ == "__main__":
    sys.exit(main())
