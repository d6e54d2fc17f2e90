"""Squid: which resources may be reached over HTTP and HTTPS."""
