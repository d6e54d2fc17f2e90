"""Addresses that students' devices open to report something."""

from django.urls import path

from darbaza.portal.incidents import device_views, own_views

urlpatterns = [
    path("bildir/", device_views.report, name="report-page"),
    path("men/", own_views.about_me, name="about-me"),
    path("bildir/<slug:public_id>", device_views.answer, name="report-answer"),
]
