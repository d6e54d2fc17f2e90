"""Addresses under `sabak/`: lessons and their consoles."""

from django.urls import path

from darbaza.portal.lessons.views import after, console, hours, lessons, scenes

app_name = "lessons"
urlpatterns = [
    path("", lessons.lessons, name="lessons"),
    path("start", lessons.start, name="start"),
    path("offers/<slug:public_id>/accept", lessons.answer_offer, {"answer": "accept"}, name="accept-offer"),
    path("offers/<slug:public_id>/decline", lessons.answer_offer, {"answer": "decline"}, name="decline-offer"),
    path("hours", hours.open_hours, name="hours"),
    path("register", after.register, name="register"),
    path("watch", lessons.watched, name="watched"),
    path("scenes", scenes.school_scenes, name="scenes"),
    path("scenes/<int:pk>/retire", scenes.retire, name="retire-scene"),
    path("<slug:public_id>/", console.console, name="console"),
    path("<slug:public_id>/after", after.after, name="after"),
    path("<slug:public_id>/stream", console.stream, name="stream"),
    path("<slug:public_id>/heartbeat", console.heartbeat, name="heartbeat"),
    path("<slug:public_id>/<slug:name>", console.act, name="act"),
]
