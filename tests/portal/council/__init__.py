"""Tests of `darbaza.portal.council`."""
