"""Addresses under `schedule/`."""

from django.urls import path

from darbaza.portal.timetable import views
from darbaza.portal.timetable.calendars import views as calendars
from darbaza.portal.timetable.departures import views as departures

app_name = "timetable"
urlpatterns = [
    path("", views.week, name="week"),
    path("versions", views.versions, name="versions"),
    path("versions/new", views.draft, name="draft"),
    path("versions/<int:pk>", views.version_page, name="version"),
    path("versions/<int:pk>/<slug:name>", views.step, name="step"),
    path("lessons/<int:pk>/remove", views.remove_slot, name="remove-slot"),
    path("calendars", calendars.calendars, name="calendars"),
    path("calendars/new", calendars.make, name="calendar-make"),
    path("calendars/<int:pk>", calendars.calendar_page, name="calendar"),
    path("calendars/<int:pk>/change", calendars.change, name="calendar-change"),
    path("departures/lesson", departures.cancel, name="cancel"),
    path("departures/days", departures.close, name="close-days"),
    path("exceptions/new", views.exception, name="exception"),
]
