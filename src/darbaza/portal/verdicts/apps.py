"""The application's registration with Django."""

from django.apps import AppConfig


class VerdictsConfig(AppConfig):
    """`darbaza.portal.verdicts`."""

    name = "darbaza.portal.verdicts"
    label = "verdicts"
