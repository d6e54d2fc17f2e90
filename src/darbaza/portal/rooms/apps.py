"""The application's registration with Django."""

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    """`darbaza.portal.rooms`."""

    name = "darbaza.portal.rooms"
    label = "rooms"
