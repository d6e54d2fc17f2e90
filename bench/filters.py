"""squidGuard and e2guardian on the same lists as ours, as a school would set them up."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.bed import lists

OPEN = "education"


def squidguard(folder: Path, count: int) -> str:
    """Compile its databases in `folder`: the lines of squid.conf that have Squid ask it."""
    (folder / "db").mkdir(parents=True)
    for category, path in lists(count).items():
        (folder / "db" / category).mkdir()
        shutil.copy(path, folder / "db" / category / "domains")
    rules = "".join(f"dest {category} {{ domainlist {category}/domains }}\n" for category in lists(count))
    denied = " ".join(f"!{category}" for category in lists(count) if category != OPEN)
    (folder / "squidGuard.conf").write_text(
        f"dbhome {folder}/db\nlogdir {folder}\n{rules}"
        f"acl {{ default {{ pass {denied} any\n redirect http://127.0.0.1/blocked }} }}\n"
    )
    give(folder)
    as_proxy = ["setpriv", "--reuid", "proxy", "--regid", "proxy", "--clear-groups"] if os.geteuid() == 0 else []
    compile_lists = ["squidGuard", "-c", str(folder / "squidGuard.conf"), "-C", "all"]
    subprocess.run([*as_proxy, *compile_lists], check=True, capture_output=True)
    return (
        f"url_rewrite_program {shutil.which('squidGuard')} -c {folder}/squidGuard.conf\n"
        "url_rewrite_children 4 startup=4 idle=1 concurrency=0 queue-size=10000\n"
    )


def e2guardian(folder: Path, count: int, settings: Mapping[str, str]) -> list[str]:
    """Write its configuration into `folder`, which must not exist; without content scan. How it is run."""
    shutil.copytree("/etc/e2guardian", folder)
    with (folder / "lists" / "localbannedsitelist").open("w") as file:
        for category, path in lists(count).items():
            if category != OPEN:
                file.write(path.read_text())
    changes = {
        "loglevel": "0", "weightedphrasemode": "0", "daemonuser": "'proxy'", "daemongroup": "'proxy'",
        "pidfilename": f"'{folder}/pid'", "loglocation": f"'{folder}/access.log'", "maxcontentfiltersize": "0",
        "transparenthttpsport": "", "proxyip": "", **settings,
    }  # fmt: skip
    for name in ("e2guardian.conf", "e2guardianf1.conf"):
        path = folder / name
        text = path.read_text().replace("/etc/e2guardian", str(folder))
        kept = [line for line in text.splitlines() if line.split("=")[0].strip(" #") not in changes]
        added = [f"{key} = {value}" for key, value in changes.items() if value] if name == "e2guardian.conf" else []
        path.write_text("\n".join([*kept, *added]) + "\n")
    give(folder)
    return ["e2guardian", "-N", "-c", str(folder / "e2guardian.conf")]


def give(folder: Path) -> None:
    """As root: to Squid's user."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "-h", "proxy:proxy", str(folder)], check=True)
