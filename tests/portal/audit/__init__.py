"""Tests of `darbaza.portal.audit`."""
