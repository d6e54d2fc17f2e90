"""The application's registration with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """`darbaza.portal.audit`."""

    name = "darbaza.portal.audit"
    label = "audit"
