"""Addresses that students' devices open: short, so that they can be typed."""

from django.urls import path

from darbaza.portal.lessons.views import captive

urlpatterns = [
    path("kirish/", captive.captive, name="captive"),
    path("kirish/accept", captive.accept, name="captive-accept"),
    path("kirish/leave", captive.leave, name="captive-leave"),
    path("kirish/soz", captive.words_here, name="captive-words"),
    path("captive", captive.captive_state, name="captive-state"),
    path("card/<str:token>", captive.card, name="captive-card"),
]
