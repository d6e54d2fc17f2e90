"""Addresses under `notifications/`."""

from django.urls import path

from darbaza.portal.notices import settings_views, views

app_name = "notifications"
urlpatterns = [
    path("", views.notifications, name="list"),
    path("unread", views.unread, name="unread"),
    path("read", views.read_all, name="read-all"),
    path("choices", settings_views.choices, name="choices"),
    path("choices/wishes", settings_views.choose_wishes, name="choose-wishes"),
    path("choices/hours", settings_views.choose_hours, name="choose-hours"),
    path("contact/<slug:channel>/<slug:act>", settings_views.contact, name="contact"),
    path("channels", settings_views.channels, name="channels"),
    path("channels/<slug:kind>", settings_views.set_channel, name="set-channel"),
    path("channels/<slug:kind>/<slug:act>", settings_views.channel_act, name="channel-act"),
    path("tests/<slug:public_id>", settings_views.test_state, name="test-state"),
    path("<slug:public_id>/open", views.open_one, name="open"),
]
