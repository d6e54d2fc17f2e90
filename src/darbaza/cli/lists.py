"""`darbaza lists`: the catalogue's lists, see `catalogue.commands` for what each action does."""

import argparse
from collections.abc import Iterable
from contextlib import closing

from darbaza.agent.settings import CATALOGUE
from darbaza.catalogue import commands
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.library import Library
from darbaza.cli.words import say
from darbaza.clock import utc_now

OWN_HOSTS = ("darbaza", "why")
"""Hosts that no list may close: the gateway's own."""


def library(options: argparse.Namespace) -> Library:
    """The box's library of lists."""
    return Library(options.run / "lists", own_hosts=OWN_HOSTS)


def take_in(options: argparse.Namespace) -> int:
    """Take in a folder."""
    return _said(commands.import_lists(library(options), options.folder, utc_now()))


def fetch(options: argparse.Namespace) -> int:
    """Fetch from the publishers."""
    return _said(commands.fetch_lists(library(options), utc_now(), options.lists))


def show(options: argparse.Namespace) -> int:
    """Every list, or one with its quarantine."""
    return _said(commands.show_lists(library(options), options.list))


def accept(options: argparse.Namespace) -> int:
    """Let a held update take effect."""
    return _said(commands.accept_update(library(options), options.list, options.by, utc_now()))


def release(options: argparse.Namespace) -> int:
    """Let a quarantined entry take effect."""
    return _said(commands.release_entry(library(options), options.list, options.entry, options.by))


def compile_all(options: argparse.Namespace) -> int:
    """Compile the versions in force; the engines take the new database up by themselves."""
    return _said(commands.compile_lists(library(options), options.run / CATALOGUE))


def which(options: argparse.Namespace) -> int:
    """Every list that names a host."""
    with closing(CatalogueDatabase.open(options.run / CATALOGUE)) as catalogue:
        return _said(commands.which_lists(catalogue, options.host))


def _said(lines: Iterable[str]) -> int:
    say(lines)
    return 0
