"""Addresses under `schedule/`."""

from django.urls import path

from darbaza.portal.timetable import views
from darbaza.portal.timetable.calendars import views as calendars
from darbaza.portal.timetable.departures import views as departures
from darbaza.portal.timetable.drafting import views as drafting
from darbaza.portal.timetable.experts import views as experts
from darbaza.portal.timetable.feeds import views as feeds
from darbaza.portal.timetable.imports import views as imports
from darbaza.portal.timetable.limits import views as limits
from darbaza.portal.timetable.requests import views as requests

app_name = "timetable"
urlpatterns = [
    path("", views.week, name="week"),
    path("versions", views.versions, name="versions"),
    path("versions/new", views.draft, name="draft"),
    path("versions/<int:pk>", views.version_page, name="version"),
    path("versions/<int:pk>/differences", views.differences_page, name="differences"),
    path("versions/<int:pk>/checks", views.checks_page, name="checks"),
    path("versions/<int:pk>/import", imports.upload, name="import"),
    path("imports/<int:pk>", imports.preview, name="import-preview"),
    path("imports/<int:pk>/apply", imports.apply, name="import-apply"),
    path("imports/<int:pk>/undo", imports.undo, name="import-undo"),
    path("versions/<int:pk>/solve", drafting.start, name="solve"),
    path("versions/<int:pk>/clear", drafting.clear, name="clear-drafted"),
    path("runs/<int:pk>", drafting.run_page, name="run"),
    path("runs/<int:pk>/take-over", drafting.take_over, name="take-over"),
    path("versions/<int:pk>/contributors", experts.name, name="name-contributor"),
    path("versions/<int:pk>/invitations", experts.invite, name="invite"),
    path("versions/<int:pk>/comments", experts.comment, name="comment"),
    path("versions/<int:pk>/<slug:name>", views.step, name="step"),
    path("lessons/<int:pk>/remove", views.remove_slot, name="remove-slot"),
    path("invitations/<int:pk>/revoke", experts.revoke, name="revoke"),
    path("invited/<str:secret>", experts.invited, name="invited"),
    path("feeds", feeds.feeds, name="feeds"),
    path("feeds/<int:pk>/revoke", feeds.revoke, name="feed-revoke"),
    path("feed/<str:secret>.ics", feeds.feed, name="feed"),
    path("limits", limits.table, name="limits"),
    path("requests", requests.requests, name="requests"),
    path("requests/<int:pk>/accept", requests.answer, {"name": "accept"}, name="request-accept"),
    path("requests/<int:pk>/decline", requests.answer, {"name": "decline"}, name="request-decline"),
    path("requests/<int:pk>/withdraw", requests.answer, {"name": "withdraw"}, name="request-withdraw"),
    path("calendars", calendars.calendars, name="calendars"),
    path("calendars/new", calendars.make, name="calendar-make"),
    path("calendars/<int:pk>", calendars.calendar_page, name="calendar"),
    path("calendars/<int:pk>/change", calendars.change, name="calendar-change"),
    path("departures/lesson", departures.cancel, name="cancel"),
    path("departures/days", departures.close, name="close-days"),
    path("exceptions/new", views.exception, name="exception"),
]
