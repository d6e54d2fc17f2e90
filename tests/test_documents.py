"""The documents agree with the repository and with one another."""

import re
from pathlib import Path

import pytest

from darbaza.demo.places import HTTP_PORT, SQUID_PORT
from darbaza.demo.serve import TRIES

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = ["README.md", "README.ky.md", "README.ru.md"]
LINK = re.compile(r"\]\(([^)#][^)#]*)(?:#[^)]*)?\)")


def commands(name: str) -> list[str]:
    """The command lines of a document, without what is said about them."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    lines = [line.partition("#")[0].split() for block in blocks for line in block.splitlines()]
    return [" ".join(words) for words in lines if words and words[0] != "git"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document):
    links = LINK.findall(document.read_text("utf-8"))
    missing = [link for link in links if ":" not in link and not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("name", READMES[1:])
def test_the_readmes_give_the_same_commands_in_every_language(name):
    assert commands(name) == commands("README.md")


def test_the_readme_gives_the_same_requests_to_try_as_the_demo_prints():
    printed = [f"curl -x {pc}:{SQUID_PORT} http://{host}:{HTTP_PORT}/" for pc, host, _ in TRIES]
    assert [line for line in commands("README.md") if line.startswith("curl")] == printed


def test_every_architecture_decision_stands_in_the_list_of_them():
    listed = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    assert all(path.name in listed for path in (ROOT / "docs" / "adr").glob("0*.md"))
