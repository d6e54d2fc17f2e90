"""The application's registration with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """`darbaza.portal.people`."""

    name = "darbaza.portal.people"
    label = "people"
