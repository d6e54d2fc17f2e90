"""Addresses that students' devices open to report something."""

from django.urls import path

from darbaza.portal.incidents import device_views

urlpatterns = [
    path("bildir/", device_views.report, name="report-page"),
    path("bildir/<slug:public_id>", device_views.answer, name="report-answer"),
]
