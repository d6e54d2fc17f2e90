"""Addresses under `council/`."""

from django.urls import path

from darbaza.portal.council.views import decisions, orders

app_name = "council"
urlpatterns = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/new", orders.new_order, name="new-order"),
    path("orders/<int:pk>/", orders.order_page, name="order"),
    path("orders/ref/<str:ref>", orders.order_by_ref, name="order-by-ref"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/new", decisions.new_decision, name="new-decision"),
    path("decisions/<int:pk>/", decisions.decision_page, name="decision"),
    path("rules/", decisions.in_force, name="in-force"),
]
