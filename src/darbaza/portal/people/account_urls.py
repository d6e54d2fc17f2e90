"""Addresses under `accounts/`: of allauth's pages only those that a school needs.

Nobody signs up, confirms an e-mail or resets a password by mail (1.3: sign-ins are given), so the names that allauth
links to lead to a page that says so.
"""

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path


def closed(request: HttpRequest, **_parts: str) -> HttpResponse:
    """What a school does in person and not by mail."""
    return render(request, "account/signup_closed.html", status=403)


urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("confirm-email/", closed, name="account_email_verification_sent"),
    path("password/set/", closed, name="account_set_password"),
    path("password/reset/", closed, name="account_reset_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
