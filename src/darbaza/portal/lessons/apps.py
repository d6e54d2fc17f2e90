"""The application's registration with Django."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    """`darbaza.portal.lessons`."""

    name = "darbaza.portal.lessons"
    label = "lessons"
