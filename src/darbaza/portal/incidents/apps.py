"""The application's registration with Django."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """`darbaza.portal.incidents`."""

    name = "darbaza.portal.incidents"
    label = "incidents"
