"""Addresses under `incidents/`."""

from django.urls import path

from darbaza.portal.harm import views

app_name = "harm"
urlpatterns = [
    path("", views.incidents, name="list"),
    path("new", views.new, name="new"),
    path("<slug:public_id>/", views.incident, name="incident"),
    path("<slug:public_id>/<slug:name>", views.act, name="act"),
]
