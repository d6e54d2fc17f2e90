"""Addresses under `people/`."""

from django.urls import path

from darbaza.portal.people.views import classes, persons, roster

app_name = "people"
urlpatterns = [
    path("", persons.people_list, name="list"),
    path("add", persons.add, name="add"),
    path("classes/", classes.class_list, name="classes"),
    path("classes/<int:pk>/", classes.class_page, name="class"),
    path("classes/<int:pk>/pins", classes.issue_pins, name="issue-pins"),
    path("roster/", roster.upload, name="roster"),
    path("roster/<int:pk>/", roster.preview, name="roster-preview"),
    path("roster/<int:pk>/apply", roster.apply, name="roster-apply"),
    path("roster/imports/<int:pk>/undo", roster.undo, name="roster-undo"),
    path("person/<str:public_id>/", persons.person_page, name="person"),
    path("person/<str:public_id>/edit", persons.edit, name="edit"),
    path("person/<str:public_id>/sign-in", persons.give_sign_in, name="give-sign-in"),
    path("person/<str:public_id>/password", persons.reset_password, name="reset-password"),
    path("person/<str:public_id>/leave", persons.leave, name="leave"),
    path("person/<str:public_id>/return", persons.come_back, name="return"),
]
