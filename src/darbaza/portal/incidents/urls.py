"""Addresses under `notices/`."""

from django.urls import path

from darbaza.portal.incidents import views

app_name = "incidents"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("told/", views.told, name="told"),
    path("told/where", views.say_where, name="say-where"),
    path("told/<slug:public_id>", views.take_up, name="take-up"),
    path("from/<slug:public_id>", views.send, name="send"),
    path("<slug:public_id>/<slug:name>", views.mark, name="mark"),
]
