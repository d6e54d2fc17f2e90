"""Addresses of boxes: their interface, and the pages about them."""

from django.urls import path

from darbaza.portal.gateways import api, trust, views

app_name = "gateways"
urlpatterns = [
    path("why/", views.why, name="why"),
    path("boxes/", views.box_list, name="boxes"),
    path("boxes/trust", trust.page, name="trust"),
    path("boxes/trust/devices", trust.mark, name="mark-trust"),
    path("boxes/trust/<str:name>", trust.download, name="trust-file"),
    path("boxes/key/rotate", views.rotate_key, name="rotate-key"),
    path("boxes/key/retire-old", views.retire_key, name="retire-key"),
    path("boxes/<slug:name>/retire", views.retire, name="retire"),
    path("api/gateway/v1/state", api.state, name="state"),
    path("api/gateway/v1/verdicts", api.verdicts, name="verdicts"),
    path("api/gateway/v1/health", api.health, name="health"),
    path("api/gateway/v1/sightings", api.sightings, name="sightings"),
    path("api/gateway/v1/key", api.key, name="key"),
]
