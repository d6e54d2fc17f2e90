"""The application's registration with Django."""

from django.apps import AppConfig


class CouncilConfig(AppConfig):
    """`darbaza.portal.council`."""

    name = "darbaza.portal.council"
    label = "council"
