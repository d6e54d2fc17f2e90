"""Addresses under `publications/`: for staff."""

from django.urls import path

from darbaza.portal.publications import contact_views, elsewhere_views, picture_views, views

app_name = "publications"
urlpatterns = [
    path("", views.publications, name="list"),
    path("new", views.new, name="new"),
    path("contacts/", contact_views.contacts, name="contacts"),
    path("take-downs/", elsewhere_views.take_downs, name="take-downs"),
    path("take-downs/<int:pk>", elsewhere_views.settle, name="settle-take-down"),
    path("take-downs/<int:pk>/stays", elsewhere_views.let_stay, name="let-stay"),
    path("removals/", elsewhere_views.removals, name="removals"),
    path("removals/<str:number>", elsewhere_views.answer, name="answer-removal"),
    path("placed/<str:placement>/take-down", views.take_down, name="take-down"),
    path("placed/<str:placement>/export", elsewhere_views.export, name="export"),
    path("placed/<str:placement>/address", elsewhere_views.address, name="address"),
    path("<str:public_id>/", views.publication, name="publication"),
    path("<str:public_id>/attach", picture_views.attach, name="attach"),
    path("<str:public_id>/publish", picture_views.publish, name="publish"),
    path("<str:public_id>/files/<str:file>/shown/<str:form>", picture_views.shown, name="file"),
    path("<str:public_id>/files/<str:file>/", picture_views.picture, name="picture"),
    path("<str:public_id>/files/<str:file>/<str:name>", picture_views.act, name="file-act"),
    path("<str:public_id>/edit", views.edit, name="edit"),
    path("<str:public_id>/<str:name>", views.act, name="act"),
]
