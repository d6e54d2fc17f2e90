"""The application's registration with Django."""

from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    """`darbaza.portal.gateways`."""

    name = "darbaza.portal.gateways"
    label = "gateways"
