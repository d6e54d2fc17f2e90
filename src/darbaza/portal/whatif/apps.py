"""The application's registration with Django."""

from django.apps import AppConfig


class WhatIfConfig(AppConfig):
    """`darbaza.portal.whatif`."""

    name = "darbaza.portal.whatif"
    label = "whatif"
