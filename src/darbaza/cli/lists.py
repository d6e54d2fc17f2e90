"""`darbaza lists`: the catalogue's lists, see `catalogue.commands` for what each action does and says."""

import argparse
import time
from collections.abc import Iterable
from contextlib import closing

from darbaza.agent import settings as box_settings
from darbaza.agent.settings import CATALOGUE, LISTS, ListsTable
from darbaza.catalogue import commands
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.library import Library
from darbaza.catalogue.sources import load_sources
from darbaza.catalogue.update import update
from darbaza.cli.words import say
from darbaza.clock import utc_now


def library(options: argparse.Namespace) -> Library:
    """The box's library of lists, with what `box.toml` says of it."""
    table = settings_of(options)
    sources = load_sources(table.sources_in(options.run))
    return Library(options.run / LISTS, sources=sources, own_hosts=table.own_hosts, left_out=table.leave_out)


def settings_of(options: argparse.Namespace) -> ListsTable:
    """What `box.toml` says of lists; without one, what holds for every box. Raises SettingsError."""
    path = options.run / "box.toml"
    return box_settings.lists_table(path) if path.exists() else ListsTable(own_hosts=box_settings.OWN_HOSTS)


def take_in(options: argparse.Namespace) -> int:
    """Take in a folder."""
    return _said(commands.import_lists(library(options), options.folder, utc_now(), options.lang))


def bring_up_to_date(options: argparse.Namespace) -> int:
    """Everything at once: fetch, guard, compile, swap. 1 if something is refused or could not take effect."""
    table = settings_of(options)
    folder = options.folder or table.folder_in(options.run)
    with closing(Publishers(until=time.monotonic() + options.minutes * 60)) as publishers:
        done = update(library(options), options.run / CATALOGUE, publishers, utc_now(), folder)
    _said(commands.update_lines(done, options.lang))
    return 1 if done.report.problem or done.report.refused else 0


def fetch(options: argparse.Namespace) -> int:
    """Fetch from the publishers."""
    with closing(Publishers()) as publishers:
        return _said(commands.fetch_lists(library(options), publishers, utc_now(), options.lang, options.lists))


def show(options: argparse.Namespace) -> int:
    """Every list, or one with its quarantine."""
    return _said(commands.show_lists(library(options), options.lang, options.list, is_all=options.all))


def accept(options: argparse.Namespace) -> int:
    """Let a held update take effect."""
    return _said(commands.accept_update(library(options), options.list, options.by, utc_now(), options.lang))


def release(options: argparse.Namespace) -> int:
    """Let a quarantined entry take effect."""
    lines = commands.release_entry(library(options), options.list, options.entry, options.by, utc_now(), options.lang)
    return _said(lines)


def compile_all(options: argparse.Namespace) -> int:
    """Compile the versions in force; the engines take the new database up by themselves."""
    return _said(commands.compile_lists(library(options), options.run / CATALOGUE, options.lang))


def which(options: argparse.Namespace) -> int:
    """Every list that names a host."""
    with closing(CatalogueDatabase.open(options.run / CATALOGUE)) as catalogue:
        return _said(commands.which_lists(catalogue, options.host, options.lang))


def _said(lines: Iterable[str]) -> int:
    say(lines)
    return 0
