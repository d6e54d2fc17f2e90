"""Addresses under `notices/`."""

from django.urls import path

from darbaza.portal.incidents import attempt_views, views

app_name = "incidents"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("told/", views.told, name="told"),
    path("told/where", views.say_where, name="say-where"),
    path("told/<slug:public_id>", views.take_up, name="take-up"),
    path("attempts/", attempt_views.attempts, name="attempts"),
    path("attempts/rule", attempt_views.rule, name="rule"),
    path("attempts/<slug:public_id>/<slug:name>", attempt_views.judge, name="judge"),
    path("withdraw/<slug:public_id>", attempt_views.withdraw, name="withdraw"),
    path("from/<slug:public_id>", views.send, name="send"),
    path("<slug:public_id>/<slug:name>", views.mark, name="mark"),
]
