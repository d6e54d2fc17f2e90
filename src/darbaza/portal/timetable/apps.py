"""The application's registration with Django."""

from django.apps import AppConfig


class TimetableConfig(AppConfig):
    """`darbaza.portal.timetable`."""

    name = "darbaza.portal.timetable"
    label = "timetable"
