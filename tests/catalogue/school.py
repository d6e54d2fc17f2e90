"""A school's sources: a few lists of invented hosts at one publisher, in the forms that real publishers use."""

import io
import tarfile
from collections.abc import Iterable

from darbaza.catalogue.categories import load
from darbaza.catalogue.sources import Sources, parse_sources
from tests.catalogue.publisher import Publisher

NAMES = "".join(f"n{number}.test\n" for number in range(400))
KEPT = "maektep.test\nkitep.test\n"

TEXT = """
[darbaza]
title = "Own"
licence = "CC0-1.0"
format = "domains"
file = "darbaza/{{source}}.domains"
[darbaza.lists]
education = {{ category = "education", role = "pin" }}
government = {{ category = "government", role = "pin" }}

[school]
title = "School"
licence = "CC0-1.0"
format = "domains"
file = "{{source}}.domains"
url = "{url}/{{source}}"
[school.lists]
games = "games"
kept = {{ category = "education", role = "pin", url = "" }}

[feed]
title = "Feed"
licence = "CC0-1.0"
format = "domains"
file = "{{source}}.domains"
url = "{url}/{{source}}.tar.gz"
sums = "{url}/MD5SUM.LST"
member = "{{source}}/domains"
feed = true
[feed.lists]
malware = "malware"
doh = {{ category = "doh", feed = false }}

[feed-urls]
title = "Feed, pages"
licence = "CC0-1.0"
format = "urls"
file = "{{source}}.urls"
url = "{url}/{{source}}.tar.gz"
sums = "{url}/MD5SUM.LST"
member = "{{source}}/urls"
[feed-urls.lists]
malware = "malware"
"""


def sources(publisher: Publisher) -> Sources:
    """The school's lists at a publisher."""
    return parse_sources(TEXT.format(url=publisher.url("")), load())


def archive(files: dict[str, Iterable[bytes]]) -> bytes:
    """A publisher's archive: `{"malware/domains": lines}`."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, lines in files.items():
            content = b"".join(line + b"\n" for line in lines)
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()
