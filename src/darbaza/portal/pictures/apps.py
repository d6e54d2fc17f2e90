"""The application's registration with Django: it has words, and no tables."""

from django.apps import AppConfig


class PicturesConfig(AppConfig):
    """`darbaza.portal.pictures`."""

    name = "darbaza.portal.pictures"
    label = "pictures"
