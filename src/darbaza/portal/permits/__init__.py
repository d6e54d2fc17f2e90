"""Permissions (3.2, 3.3): asked for with a purpose, given for named resources and a term, taken back at once."""
