"""Tests of `darbaza.portal.rooms`."""
