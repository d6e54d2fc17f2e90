"""Addresses that students' devices open to ask the teacher."""

from django.urls import path

from darbaza.portal.asking import device_views

urlpatterns = [
    path("suroo/", device_views.ask_page, name="ask-page"),
    path("suroo/<slug:public_id>", device_views.answer, name="ask-answer"),
    path("suroo/<slug:public_id>/now", device_views.answer_now, name="ask-answer-now"),
]
