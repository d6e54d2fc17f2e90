"""Tests of `darbaza.portal.evidence`."""
