"""The demo's Internet: every invented site has its address, its pages and a certificate that holds for it."""

import ssl
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import dns.message
import dns.rcode
import pytest
from cryptography import x509

from darbaza.demo.internet import certificates, hosts_file, resolve
from darbaza.demo.sites import ADDRESSES, SITES, page

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("host", ADDRESSES)
def test_each_site_has_an_address_of_its_own(host: str) -> None:
    answer = resolve(dns.message.make_query(host.upper(), "A"))
    assert [record.to_text() for rrset in answer.answer for record in rrset] == [ADDRESSES[host]]
    assert f"{ADDRESSES[host]}\t{host}\n" in hosts_file()
    assert len(set(ADDRESSES.values())) == len(SITES)


def test_what_nobody_invented_does_not_exist() -> None:
    assert resolve(dns.message.make_query("kitep.example", "A")).rcode() == dns.rcode.NXDOMAIN
    assert resolve(dns.message.make_query("kitep.test", "AAAA")).rcode() == dns.rcode.NOERROR
    assert resolve(dns.message.make_query(".", "NS")).rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.host)
def test_each_page_speaks_three_languages(site) -> None:
    text = page(site, "/")
    assert all(escape(title) in text for title, _ in (site.ky, site.ru, site.en))
    assert site.host.endswith(".test")


def test_a_path_cannot_write_into_the_page() -> None:
    assert "<script>" not in page(SITES[0], "/<script>alert(1)</script>")


def test_certificates_hold_for_all_sites_and_are_renewed_in_time(tmp_path: Path) -> None:
    assert isinstance(certificates(tmp_path, AT), ssl.SSLContext)
    first = (tmp_path / "sites.pem").read_bytes()
    certificates(tmp_path, AT + timedelta(days=300))
    assert (tmp_path / "sites.pem").read_bytes() == first
    certificates(tmp_path, AT + timedelta(days=380))
    assert (tmp_path / "sites.pem").read_bytes() != first
    leaf, root = x509.load_pem_x509_certificates((tmp_path / "sites.pem").read_bytes())
    leaf.verify_directly_issued_by(root)
    assert (tmp_path / "sites.pem").stat().st_mode & 0o077 == 0
