"""The duties that the regulation knows. Each exists for a person only while an order in force says so."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Duty(models.TextChoices):
    """What an order can make of a person, with the clause that asks for it in `CLAUSES`."""

    DIRECTOR = "director", _("director")
    ICT_RESPONSIBLE = "ict-responsible", _("responsible for ICT work")
    INTERNET_RESPONSIBLE = "internet-responsible", _("responsible for internet access")
    CLASSIFICATION_OFFICER = "classification-officer", _("classification officer")
    COUNCIL_MEMBER = "council-member", _("member of the methodological council")
    TEACHER = "teacher", _("teacher")
    CLASS_TEACHER = "class-teacher", _("class teacher")
    TRUSTED_ADULT = "trusted-adult", _("adult whom students turn to")
    ADMINISTRATION = "administration", _("administration")
    AUTHORITY = "authority", _("representative of the education authority")
    PROVIDER = "provider", _("representative of the provider")


CLAUSES: dict[Duty, str] = {
    Duty.DIRECTOR: "2.5",
    Duty.ICT_RESPONSIBLE: "1.3",
    Duty.INTERNET_RESPONSIBLE: "2.5",
    Duty.CLASSIFICATION_OFFICER: "2.13",
    Duty.COUNCIL_MEMBER: "2.6",
    Duty.TEACHER: "2.8",
    Duty.CLASS_TEACHER: "2.7",
    Duty.TRUSTED_ADULT: "3.4",
    Duty.ADMINISTRATION: "1.3",
    Duty.AUTHORITY: "2.6",
    Duty.PROVIDER: "2.5",
}
"""Which clause of the regulation a duty answers."""
