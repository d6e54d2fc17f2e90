"""The address that students' devices open to ask: short, so that it can be typed."""

from django.urls import path

from darbaza.portal.permits import here

urlpatterns = [
    path("kirish/uruksat", here.ask_here, name="captive-permit"),
    path("kirish/uruksat/<int:pk>/withdraw", here.withdraw_here, name="captive-permit-withdraw"),
]
