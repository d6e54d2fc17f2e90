"""Addresses under `asked/`: what teachers open often."""

from django.urls import path

from darbaza.portal.asking import views

app_name = "asking"
urlpatterns = [path("", views.often_page, name="often")]
