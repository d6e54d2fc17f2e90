"""Addresses of the rules and of the sheets."""

from django.urls import path

from darbaza.portal.acquaintance import views

app_name = "acquaintance"
urlpatterns = [
    path("erezhe/", views.rules, name="rules"),
    path("taanyshuu/", views.circle_list, name="circles"),
    path("taanyshuu/<str:slug>/", views.circle_page, name="circle"),
    path("taanyshuu/<str:slug>/sheet", views.make_sheet, name="make-sheet"),
    path("taanyshuu/line/<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("taanyshuu/sheet/<int:year>-<int:number>/", views.sheet_page, name="sheet"),
]
