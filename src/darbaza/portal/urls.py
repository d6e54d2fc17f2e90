"""All addresses of the portal. Each app has its own `urls.py`."""

from django.urls import include, path

from darbaza.portal import audit_pages, views
from darbaza.portal.publications import site

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("favicon.ico", views.icon, name="icon"),
    path("robots.txt", site.robots, name="robots"),
    path("language", views.choose_language, name="choose-language"),
    path("accounts/", include("darbaza.portal.people.account_urls")),
    path("people/", include("darbaza.portal.people.urls")),
    path("rooms/", include("darbaza.portal.rooms.urls")),
    path("council/", include("darbaza.portal.council.urls")),
    path("schedule/", include("darbaza.portal.timetable.urls")),
    path("classification/", include("darbaza.portal.classification.urls")),
    path("", include("darbaza.portal.acquaintance.urls")),
    path("", include("darbaza.portal.consents.urls")),
    path("", include("darbaza.portal.papers.urls")),
    path("log/", include("darbaza.portal.verdicts.urls")),
    path("sharing/", include("darbaza.portal.sharing.urls")),
    path("sabak/", include("darbaza.portal.lessons.urls")),
    path("incidents/", include("darbaza.portal.harm.urls")),
    path("notices/", include("darbaza.portal.incidents.urls")),
    path("notifications/", include("darbaza.portal.notices.urls")),
    path("asked/", include("darbaza.portal.asking.urls")),
    path("permits/", include("darbaza.portal.permits.urls")),
    path("whatif/", include("darbaza.portal.whatif.urls")),
    path("", include("darbaza.portal.lessons.captive_urls")),
    path("", include("darbaza.portal.permits.captive_urls")),
    path("", include("darbaza.portal.incidents.captive_urls")),
    path("", include("darbaza.portal.asking.captive_urls")),
    path("", include("darbaza.portal.gateways.urls")),
    path("publications/", include("darbaza.portal.publications.urls")),
    path("site/", include("darbaza.portal.publications.site_urls")),
    path("evidence/", include("darbaza.portal.evidence.urls")),
    path("audit", audit_pages.entries, name="audit"),
    path("checkpoint", audit_pages.against_paper, name="checkpoint"),
]
