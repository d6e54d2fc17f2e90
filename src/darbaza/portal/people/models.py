"""Sign-ins, people, classes, enrolments and appointments."""

import secrets
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.duties import Duty
from darbaza.portal.people.terms import TermField

ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 12


def new_public_id() -> str:
    """An opaque id of 60 random bits: what logs, snapshots and the audit chain know a person by."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def in_force_on(day: date) -> Q:
    """What has begun by a day and not ended: `since` is the first day, `until` the first day no longer in force."""
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


class User(AbstractUser):
    """A sign-in of a member of staff. It opens nothing by itself: what its person may do follows from orders."""


class PersonKind(models.TextChoices):
    """What the regulation treats a person as (2.9, 2.10)."""

    STUDENT = "student", _("student")
    STAFF = "staff", _("staff")
    GUEST = "guest", _("guest")


class Language(models.TextChoices):
    """The languages of every screen."""

    KYRGYZ = "ky", "Кыргызча"
    RUSSIAN = "ru", "Русский"
    ENGLISH = "en", "English"


class Person(models.Model):
    """A student, a member of staff or a guest. Only what the school must know: no birth date, no address.

    `register_number` is the number in the school's own register where it has one; it tells namesakes apart.
    `pin_hash` and `card_hash` let a student sign in at a lesson (argon2id of the PIN, SHA-256 of the card's token).
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=PersonKind.choices)
    surname = models.CharField(_("surname"), max_length=80)
    given_name = models.CharField(_("given name"), max_length=80)
    patronymic = models.CharField(_("patronymic"), max_length=80, blank=True)
    register_number = models.CharField(_("register number"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.KYRGYZ)
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="person")
    pin_hash = models.CharField(max_length=200, blank=True, editable=False)
    card_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["surname", "given_name", "patronymic", "id"]
        indexes = [models.Index(fields=["kind", "active"])]

    def __str__(self) -> str:
        """Surname and given name, as the class register has them."""
        return f"{self.surname} {self.given_name}"

    @property
    def full_name(self) -> str:
        """Surname, given name and patronymic."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """Surname and initials, as documents sign."""
        initials = "".join(f"{part[0]}." for part in (self.given_name, self.patronymic) if part)
        return f"{self.surname} {initials}"

    def enrolment_on(self, day: date) -> "Enrolment | None":
        """The enrolment of a student that is in force on a day."""
        return self.enrolments.filter(in_force_on(day)).select_related("school_class").first()


class SchoolClass(models.Model):
    """A class of this school year: grade and letter."""

    grade = models.PositiveSmallIntegerField(_("grade"))
    letter = models.CharField(_("letter"), max_length=4)

    class Meta:
        ordering = ["grade", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["grade", "letter"], name="people_class_once"),
            models.CheckConstraint(condition=Q(grade__gte=0, grade__lte=12), name="people_grade_known"),
        ]

    def __str__(self) -> str:
        """The class's name."""
        return self.name

    @property
    def name(self) -> str:
        """`7-А`, as everybody at school says it."""
        return f"{self.grade}-{self.letter}"

    def students_on(self, day: date) -> models.QuerySet[Person]:
        """The active students enrolled in this class on a day, by surname."""
        enrolled = self.enrolments.filter(in_force_on(day)).values("student")
        return Person.objects.filter(pk__in=enrolled, active=True)


class Enrolment(models.Model):
    """A student's membership of a class, from `since` to the day before `until`."""

    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="enrolments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=Q(until__isnull=True), name="people_one_open_class"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="people_enrolment_ordered"
            ),
        ]

    def __str__(self) -> str:
        """Student and class."""
        return f"{self.student} · {self.school_class}"


class Appointment(models.Model):
    """A duty that an order gave. Written only by `council`; the first director's has no order.

    `school_class` is set for a class teacher, `instead_of` for whoever stands in for somebody absent. One that was
    given in an emergency bears the emergency's number and no order's. Instants as in `terms.in_force_at`.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    duty = models.CharField(max_length=24, choices=Duty.choices, db_index=True)
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    instead_of = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="substitutes")
    since = TermField(db_index=True)
    until = TermField(null=True, blank=True, db_index=True)
    emergency_number = models.CharField(max_length=20, blank=True)
    order_number = models.CharField(max_length=20, blank=True)
    order_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="people_appointment_ordered"
            ),
            models.CheckConstraint(
                condition=Q(duty=Duty.CLASS_TEACHER, school_class__isnull=False)
                | (~Q(duty=Duty.CLASS_TEACHER) & Q(school_class__isnull=True)),
                name="people_class_teacher_has_class",
            ),
        ]

    def __str__(self) -> str:
        """Person, duty and class."""
        return f"{self.person} · {self.title}"

    @property
    def title(self) -> str:
        """The duty in the reader's language, with its class."""
        return f"{self.get_duty_display()} · {self.school_class}" if self.school_class else self.get_duty_display()


class DutyHead(models.Model):
    """One row that whoever changes duties locks first: orders and emergencies take their turn.

    `changed_at` is the latest of these acts; an act that a clock puts before it is refused.
    """

    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="people_one_duty_head")]

    def __str__(self) -> str:
        """The instant of the latest change."""
        return str(self.changed_at)


class PinAttempt(models.Model):
    """One try of a PIN at a device. Tries are counted before they are checked, so a race wins nothing."""

    device = models.CharField(max_length=64)
    lesson = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["device", "at"]), models.Index(fields=["lesson", "at"])]

    def __str__(self) -> str:
        """Device and outcome."""
        return f"{self.device}: {'right' if self.succeeded else 'wrong'}"


class RosterImport(models.Model):
    """One applied roster: what it changed, so that it can be undone for 30 days."""

    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """File and instant."""
        return f"{self.file_name} ({self.at:%Y-%m-%d %H:%M})"


class RosterDraft(models.Model):
    """An uploaded roster between its preview and its application. Kept for a day."""

    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    whole_school = models.BooleanField(default=False)
    letters_lost = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """The file's name."""
        return self.file_name


class RosterChange(models.Model):
    """One student's change in a roster import: the enrolments that ended and began, and whether they came or left."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="changes")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended = models.ForeignKey(Enrolment, on_delete=models.SET_NULL, null=True, related_name="+")
    begun = models.ForeignKey(Enrolment, on_delete=models.SET_NULL, null=True, related_name="+")
    activated = models.BooleanField(default=False)
    deactivated = models.BooleanField(default=False)

    def __str__(self) -> str:
        """The student."""
        return str(self.student)
