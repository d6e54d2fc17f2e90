"""Addresses under `sharing/`."""

from django.urls import path

from darbaza.portal.sharing import views

app_name = "sharing"
urlpatterns = [
    path("", views.sign_list, name="signs"),
    path("<int:pk>/settle", views.settle, name="settle"),
]
