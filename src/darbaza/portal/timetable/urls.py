"""Addresses under `schedule/`."""

from django.urls import path

from darbaza.portal.timetable import views

app_name = "timetable"
urlpatterns = [
    path("", views.week, name="week"),
    path("versions", views.versions, name="versions"),
    path("versions/new", views.draft, name="draft"),
    path("versions/<int:pk>", views.version_page, name="version"),
    path("versions/<int:pk>/<slug:name>", views.step, name="step"),
    path("lessons/<int:pk>/remove", views.remove_slot, name="remove-slot"),
    path("exceptions/new", views.exception, name="exception"),
]
