"""Closing a resource at once, and what comes of it (2.6, 2.11, 3.4)."""
