"""Addresses under `log/`."""

from django.urls import path

from darbaza.portal.verdicts import views

app_name = "verdicts"
urlpatterns = [
    path("", views.log_page, name="log"),
    path("export.csv", views.export, name="export"),
    path("history", views.open_history, name="open-history"),
    path("history/<slug:public_id>", views.history, name="history"),
]
