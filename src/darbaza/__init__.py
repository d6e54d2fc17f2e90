"""Darbaza: a school's ICT regulation made executable."""

__version__ = "0.1.0"
