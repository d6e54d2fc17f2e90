"""Tests of `darbaza.portal.people`."""
