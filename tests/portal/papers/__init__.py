"""Tests of `darbaza.portal.papers`."""
