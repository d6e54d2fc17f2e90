"""Addresses of the public site: under `site/`, and at the root of a host of its own."""

from django.urls import path

from darbaza.portal.publications import removal, site

app_name = "site"
urlpatterns = [
    path("", site.entrance, name="entrance"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("<str:language>/", site.front, name="front"),
    path("<str:language>/rss.xml", site.feed, name="feed"),
    path("<str:language>/list/<str:section>/", site.section, name="section"),
    path("<str:language>/p/<str:public_id>/", site.page, name="page"),
    path("<str:language>/regulation/", site.regulation, name="regulation"),
    path("<str:language>/schedule/", site.schedule, name="schedule"),
    path("<str:language>/records/", site.records, name="records"),
    path("<str:language>/removal/", removal.ask, name="removal"),
    path("f/<str:public_id>/<str:sha256>/<str:name>", site.file, name="file"),
    path("<path:address>", site.nothing),
]
