"""All addresses of the portal. Each app has its own `urls.py`."""

from django.urls import include, path

from darbaza.portal import audit_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language", views.choose_language, name="choose-language"),
    path("accounts/", include("allauth.urls")),
    path("people/", include("darbaza.portal.people.urls")),
    path("rooms/", include("darbaza.portal.rooms.urls")),
    path("council/", include("darbaza.portal.council.urls")),
    path("audit", audit_pages.entries, name="audit"),
]
