"""Forms: the channels of the school, one's own hours, and what comes by which channel."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.notices.actions import Setting
from darbaza.portal.notices.models import URGENT, Channel, ChannelKind, Hours, How, Kind, Security, Wish

TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,64}")
PORTAL_ONLY = ""


def secret_field(label: Any, help_text: Any) -> forms.CharField:
    """A secret that is typed and never shown again."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=400, widget=widget)


class MailForm(forms.Form):
    """The school's mail account."""

    host = forms.CharField(label=_("Mail server"), max_length=253, help_text=_("For example smtp.mail.kg"))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(label=_("Encryption"), choices=Security.choices, initial=Security.STARTTLS)
    sender = forms.EmailField(label=_("The school's address"))
    user_name = forms.CharField(label=_("User name at the mail server"), max_length=254, required=False)
    secret = secret_field(
        _("Password"), _("Kept in a file of the portal, not in its database. Empty keeps the one set.")
    )

    def setting(self) -> Setting:
        """What was entered."""
        return Setting(**self.cleaned_data)

    @staticmethod
    def filled(channel: Channel) -> dict[str, object]:
        """What is set, without the password."""
        return {name: getattr(channel, name) for name in ("host", "port", "security", "sender", "user_name")}


class TelegramForm(forms.Form):
    """The school's bot."""

    secret = secret_field(
        _("The bot's token"),
        _("In Telegram write /newbot to @BotFather; it answers with the token. Empty keeps the one set."),
    )

    def clean_secret(self) -> str:
        """A token has its own shape."""
        token: str = self.cleaned_data["secret"].strip()
        if token and not TOKEN.fullmatch(token):
            raise forms.ValidationError(_("This is no token; it looks like 123456789:AAF… and is copied whole."))
        return token

    def setting(self) -> Setting:
        """What was entered."""
        return Setting(host="api.telegram.org", secret=self.cleaned_data["secret"])

    @staticmethod
    def filled(_channel: Channel) -> dict[str, object]:
        """Nothing of it is shown."""
        return {}


class OtherForm(forms.Form):
    """A service that the library speaks to, by its address."""

    secret = secret_field(
        _("Address of the service"),
        _("For example ntfys://ntfy.school.kg/{address}. Where a person's own address stands, write {address}."),
    )

    def clean_secret(self) -> str:
        """Only what the library can read, and only services that are fit for a school."""
        from darbaza.portal.notices.sending import apprised  # heavy, and needed by nobody else in this process

        template: str = self.cleaned_data["secret"].strip()
        if template and not apprised.is_possible(template):
            services = ", ".join(sorted(apprised.SCHEMES))
            raise forms.ValidationError(
                _("This address cannot be read. Possible are: %(services)s.") % {"services": services}
            )
        return template

    def setting(self) -> Setting:
        """What was entered; the host alone may be shown later."""
        return Setting(host=host_of(self.cleaned_data["secret"]), secret=self.cleaned_data["secret"])

    @staticmethod
    def filled(_channel: Channel) -> dict[str, object]:
        """Nothing of it is shown: the address may bear a token."""
        return {}


def host_of(template: str) -> str:
    """`ntfys://ntfy.school.test`: the service and its host, without names and tokens."""
    scheme, _sep, rest = template.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"[:253] if template else ""


CHANNEL_FORMS: dict[str, type[MailForm] | type[TelegramForm] | type[OtherForm]] = {
    ChannelKind.E_MAIL: MailForm,
    ChannelKind.TELEGRAM: TelegramForm,
    ChannelKind.OTHER: OtherForm,
}


class HoursForm(forms.Form):
    """Quiet hours and the hour of the digest."""

    quiet_from = forms.TimeField(label=_("Quiet from"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    digest_at = forms.TimeField(
        label=_("What was gathered comes at"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )

    @staticmethod
    def filled(hours: Hours) -> dict[str, object]:
        """What was chosen."""
        return {name: getattr(hours, name) for name in ("quiet_from", "quiet_until", "digest_at")}


class WishesForm(forms.Form):
    """A choice for each kind and channel."""

    def __init__(self, data: Any, kinds: list[Kind], channels: list[ChannelKind], wishes: dict[tuple[str, str], str]):
        """Fields for these kinds and channels; a channel of which nothing was chosen yet comes with a proposal."""
        super().__init__(data)
        self.kinds, self.channels, self.is_proposal = kinds, channels, False
        for channel in channels:
            is_new = not any(one == channel for _kind, one in wishes)
            self.is_proposal |= is_new
            for kind in kinds:
                choices = [(PORTAL_ONLY, _("only in the portal")), *choices_for(kind)]
                initial = proposal_for(kind) if is_new else wishes.get((kind, channel), PORTAL_ONLY)
                label = f"{kind.label}, {channel.label}"
                self.fields[f"{kind}.{channel}"] = forms.ChoiceField(
                    choices=choices, required=False, initial=initial, label=label
                )

    @property
    def rows(self) -> list[tuple[Kind, list[forms.BoundField]]]:
        """Each kind with its fields, one for a channel."""
        return [(kind, [self[f"{kind}.{channel}"] for channel in self.channels]) for kind in self.kinds]

    def wishes(self) -> dict[tuple[str, str], str]:
        """What was chosen, by kind and channel."""
        pairs = ((name.split("."), how) for name, how in self.cleaned_data.items() if how)
        return {(kind, channel): how for (kind, channel), how in pairs}


def choices_for(kind: Kind) -> list[tuple[str, Any]]:
    """What is urgent is never gathered."""
    return [(one.value, one.label) for one in How if not (kind in URGENT and one == How.DIGEST)]


def proposal_for(kind: Kind) -> str:
    """What is urgent at once, everything else gathered."""
    return How.AT_ONCE if kind in URGENT else How.DIGEST


def chosen(wishes: QuerySet[Wish]) -> dict[tuple[str, str], str]:
    """A person's wishes by kind and channel."""
    return {(one.kind, one.channel): one.how for one in wishes}
