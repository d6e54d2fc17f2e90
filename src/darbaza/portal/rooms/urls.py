"""Addresses under `rooms/`."""

from django.urls import path

from darbaza.portal.rooms import fault_views, views

app_name = "rooms"
urlpatterns = [
    path("", views.room_list, name="list"),
    path("add", views.add, name="add"),
    path("broken", fault_views.broken, name="broken"),
    path("broken/<int:pk>/mend", fault_views.mend, name="mend"),
    path("seen", views.seen, name="seen"),
    path("seen/enrol", views.enrol, name="enrol"),
    path("seen/adopt", views.adopt, name="adopt"),
    path("devices", views.put_device, name="put-device"),
    path("devices/<int:pk>/remove", views.remove_device, name="remove-device"),
    path("<slug:code>/", views.room_page, name="room"),
    path("<slug:code>/lay-out", views.lay_out, name="lay-out"),
    path("<slug:code>/broken", fault_views.report, name="report-broken"),
    path("<slug:code>/seats", views.put_seat, name="put-seat"),
    path("<slug:code>/seats/<int:pk>/remove", views.remove_seat, name="remove-seat"),
]
