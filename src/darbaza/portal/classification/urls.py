"""Addresses under `classification/`."""

from django.urls import path

from darbaza.portal.classification import register_views as register
from darbaza.portal.classification import views

app_name = "classification"
urlpatterns = [
    path("", views.queue_page, name="queue"),
    path("preview", views.preview_page, name="preview"),
    path("assign", views.assign, name="assign"),
    path("assignments/", views.assignment_list, name="assignments"),
    path("assignments/<int:pk>/take-back", views.take_back, name="take-back"),
    path("reports/new", views.new_report, name="new-report"),
    path("reports/<int:pk>/", views.report_page, name="report"),
    path("reports/<int:pk>/answer", views.answer, name="answer"),
    path("register/", register.register_page, name="register"),
    path("register/new", register.upload, name="register-upload"),
    path("register/<int:pk>/", register.register_preview, name="register-preview"),
    path("register/<int:pk>/apply", register.apply_file, name="register-apply"),
    path("register/<int:pk>/undo", register.undo_file, name="register-undo"),
]
