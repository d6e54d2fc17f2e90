"""Addresses under `evidence/`."""

from django.urls import path

from darbaza.portal.evidence import views

app_name = "evidence"
urlpatterns = [
    path("", views.matrix_page, name="matrix"),
    path("matrix.csv", views.matrix_csv, name="csv"),
    path("matrix.xlsx", views.matrix_xlsx, name="xlsx"),
    path("chain", views.read_chain, name="read-chain"),
    path("record", views.record_matrix, name="record"),
]
