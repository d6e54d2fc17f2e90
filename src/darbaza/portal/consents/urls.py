"""Addresses of consents: of the staff's pages, and of personal links, which need no sign-in."""

from django.urls import path

from darbaza.portal.consents import entry_views, link_views, scan_views, views

app_name = "consents"
urlpatterns = [
    path("makulduk/<str:secret>/", link_views.page, name="link"),
    path("makulduk/<str:secret>/give", link_views.give, name="give"),
    path("makulduk/<str:secret>/refuse", link_views.refuse, name="refuse"),
    path("makulduk/<str:secret>/withdraw/<int:pk>", link_views.withdraw, name="withdraw-by-link"),
    path("consents/", views.circle_list, name="circles"),
    path("consents/own/", views.own, name="own"),
    path("consents/protected/", views.protected, name="protected"),
    path("consents/ages/", views.age_table, name="ages"),
    path("consents/of/<slug:slug>/", views.circle_page, name="circle"),
    path("consents/of/<slug:slug>/set", views.make_set, name="make-set"),
    path("consents/set/<int:year>-<int:number>/", entry_views.set_page, name="set"),
    path("consents/set/<int:year>-<int:number>/scans", scan_views.attach, name="scans"),
    path("consents/page/<int:pk>/place", entry_views.place_page, name="place-page"),
    path("consents/person/<int:pk>/", views.person_page, name="person"),
    path("consents/person/<int:pk>/link", views.make_link, name="make-link"),
    path("consents/person/<int:pk>/paper", entry_views.paper, name="paper"),
    path("consents/person/<int:pk>/age", views.note_age, name="note-age"),
    path("consents/link/<int:pk>/close", views.close_link, name="close-link"),
    path("consents/statement/<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("consents/statement/<int:pk>/strike", views.strike, name="strike"),
    path("consents/representative/<int:pk>/end", views.end_representative, name="end-representative"),
]
