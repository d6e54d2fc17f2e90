"""Addresses of network cards as people write them."""

import pytest

from darbaza.policy.cards import InvalidCard, canonical_mac, is_randomised


def test_macs_are_read_as_people_write_them() -> None:
    assert canonical_mac(" 00-1A-2B-3C-4D-5E ") == "00:1a:2b:3c:4d:5e"
    assert canonical_mac("001a.2b3c.4d5e") == "00:1a:2b:3c:4d:5e"
    for wrong in ("", "кабель", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5g", "01:00:5e:00:00:01", "00:00:00:00:00:00"):
        with pytest.raises(InvalidCard, match="network card"):
            canonical_mac(wrong)


def test_the_second_bit_tells_a_made_up_address() -> None:
    assert [is_randomised(mac) for mac in ("da:a1:19:00:53:01", "00:00:5e:00:53:11", "02:00:00:00:00:01", "")] == [
        True,
        False,
        True,
        False,
    ]
