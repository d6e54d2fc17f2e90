"""How allauth behaves here: nobody signs up, sign-ins are given (1.3)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from darbaza.portal.addresses import asker_of


class AccountAdapter(DefaultAccountAdapter):
    """Sign-ins come from `people.actions.give_sign_in` only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody signs up by themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which failed sign-ins are counted. Raises `PermissionDenied` if there is none."""
        return asker_of(request) or super().get_client_ip(request)


class StaffLoginForm(LoginForm):
    """Sign-in with our own words; a forgotten password is renewed in person, not by e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Labels stand above fields, so nothing is repeated inside them."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
