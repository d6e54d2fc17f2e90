"""Addresses under `permits/`."""

from django.urls import path

from darbaza.portal.permits import views

app_name = "permits"
urlpatterns = [
    path("", views.permit_list, name="list"),
    path("new", views.new_permit, name="new"),
    path("ref/<str:ref>", views.permit_by_ref, name="by-ref"),
    path("<int:pk>/", views.permit_page, name="permit"),
    path("<int:pk>/grant", views.grant, name="grant"),
    path("<int:pk>/decline", views.decline, name="decline"),
    path("<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("<int:pk>/take-back", views.take_back, name="take-back"),
]
