"""Addresses under `notifications/`."""

from django.urls import path

from darbaza.portal.notices import views

app_name = "notifications"
urlpatterns = [
    path("", views.notifications, name="list"),
    path("unread", views.unread, name="unread"),
    path("read", views.read_all, name="read-all"),
    path("<slug:public_id>/open", views.open_one, name="open"),
]
