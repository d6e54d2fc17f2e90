"""Addresses under `whatif/`."""

from django.urls import path

from darbaza.portal.whatif import views

app_name = "whatif"
urlpatterns = [
    path("", views.replay_list, name="replays"),
    path("proposal/<int:pk>", views.of_proposal, name="of-proposal"),
    path("item/<int:pk>", views.of_item, name="of-item"),
    path("decision", views.of_decision, name="of-decision"),
    path("<int:pk>/", views.replay_page, name="replay"),
]
