"""The kinds of personal data, the channels and the purposes that a consent names (2.15)."""

from enum import StrEnum


class DataKind(StrEnum):
    """A kind of personal data (2.15). `OTHER` is anything else that says who somebody is."""

    SURNAME = "surname"
    GIVEN_NAME = "given-name"
    PATRONYMIC = "patronymic"
    SCHOOL_CLASS = "class"
    AGE = "age"
    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    RESIDENCE = "residence"
    PHONE = "phone"
    EMAIL = "email"
    DOCUMENT_NUMBER = "document-number"
    WORKS = "works"
    ACHIEVEMENTS = "achievements"
    OTHER = "other"


NAMES = frozenset({DataKind.SURNAME, DataKind.GIVEN_NAME, DataKind.PATRONYMIC})
"""Of these there are initials."""

NEVER = frozenset({DataKind.DOCUMENT_NUMBER})
"""Published of nobody, whatever is consented to: no purpose of a school needs them."""


class Channel(StrEnum):
    """Where something is placed. The school's site is built in; everything else is placed there by a person."""

    SITE = "site"
    TELEGRAM = "telegram"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    OTHER_SITE = "other-site"


class Purpose(StrEnum):
    """Why something is placed."""

    NEWS = "news"
    ACHIEVEMENTS = "achievements"
    WORKS = "works"
    PEOPLE = "people"
    OWN_PAGE = "own-page"
