"""E-mail by the school's mail account (RFC 5321), with a `Message-ID` that is the same at every try (RFC 5322)."""

import contextlib
import smtplib
import ssl
from email.utils import formataddr, formatdate
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from darbaza.portal.notices import secret_files
from darbaza.portal.notices.models import Channel, Fault, Security
from darbaza.portal.notices.sending.outcome import SENT, Message, Outcome, failed

TIMEOUT = 15
"""Seconds for which a mail server may be silent."""


def send(channel: Channel, message: Message) -> Outcome:
    """Hand a message to the mail server."""
    connection = connected_to(channel)
    try:
        composed(channel, message, connection).send()
    except smtplib.SMTPException as error:
        return refused(error)
    except ssl.SSLCertVerificationError as error:
        return failed(Fault.TLS, error.verify_message)
    except OSError as error:
        return failed(Fault.LINE, error.strerror or error)
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.close()  # Django leaves it open where the sign-in failed
    return SENT


def connected_to(channel: Channel) -> EmailBackend:
    """A connection to the school's mail server, not opened yet."""
    return EmailBackend(
        host=channel.host,
        port=channel.port,
        username=channel.user_name,
        password=secret_files.read(channel.secret_file),
        use_tls=channel.security == Security.STARTTLS,
        use_ssl=channel.security == Security.TLS,
        timeout=TIMEOUT,
        fail_silently=False,
    )


def composed(channel: Channel, message: Message, connection: EmailBackend) -> EmailMessage:
    """The e-mail as it leaves."""
    domain = urlsplit(settings.ADDRESS).hostname or "darbaza"
    headers = {
        "Message-ID": f"<{message.number}@{domain}>",
        "Date": formatdate(localtime=False),
        "Auto-Submitted": "auto-generated",
    }
    sender = formataddr((settings.SCHOOL, channel.sender))
    to = [message.address]
    return EmailMessage(message.subject, message.text, sender, to, connection=connection, headers=headers)


def refused(error: smtplib.SMTPException) -> Outcome:
    """What a mail server's refusal means: `4xx` is for now, `5xx` for good."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return failed(Fault.SIGN_IN, error.smtp_error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return failed(
            Fault.BUSY if code < 500 else Fault.ADDRESS, f"{code} {said!r}" if not said else _text(code, said)
        )
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return failed(Fault.LINE, error)
    if isinstance(error, smtplib.SMTPResponseException):
        for_good = Fault.ADDRESS if isinstance(error, smtplib.SMTPDataError) else Fault.SETTINGS
        fault = Fault.BUSY if error.smtp_code < 500 else for_good
        return failed(fault, _text(error.smtp_code, error.smtp_error))
    return failed(Fault.SETTINGS, error)


def _text(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
