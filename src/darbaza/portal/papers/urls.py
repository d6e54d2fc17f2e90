"""Addresses of papers. Those under `text/` are open to everybody who holds a print."""

from django.urls import path

from darbaza.portal.papers import scan_views, views

app_name = "papers"
urlpatterns = [
    path("papers/", views.center, name="center"),
    path("papers/print/<slug:kind>/<slug:ref>", views.print_document, name="print"),
    path("papers/sheet/<slug:code>.<slug:language>.pdf", views.sheet, name="sheet"),
    path("papers/scans/<int:pk>/file", scan_views.scan_file, name="scan-file"),
    path("papers/scans/<int:pk>/withdraw", scan_views.withdraw, name="withdraw-scan"),
    path("papers/scans/<slug:kind>/<slug:ref>", scan_views.attach, name="attach-scan"),
    path("text/", views.find_text, name="find-text"),
    path("text/decision/<slug:ref>", views.public_decision, name="public-decision"),
    path("text/<str:code>", views.text, name="text"),
]
