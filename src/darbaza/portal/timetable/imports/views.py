"""Importing a timetable: file, preview, application, undo."""

import hashlib
from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.timetable.imports import actions, asc, sheets
from darbaza.portal.timetable.imports.rows import UnreadableTimetableError
from darbaza.portal.timetable.models import ScheduleVersion, Stage, TimetableFile, TimetableImport

FILE_LIVES = timedelta(days=1)
PROBLEMS_SHOWN = 200


class TimetableForm(forms.Form):
    """A timetable file, read as it is checked: `cleaned_data["read"]` holds its rows."""

    file = forms.FileField(
        label=gettext_lazy("Timetable file"),
        help_text=gettext_lazy(
            "XML from aSc Timetables up to 16 MB; or xlsx, xls, ods, CSV up to 4 MB with the columns "
            "day, lesson or hours, class, subject, teacher, room; if need be purpose, week (A or B), group."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.xlsx,.xls,.ods,.csv,.txt"}),
    )
    purpose = forms.CharField(
        label=gettext_lazy("Educational purpose of lessons for which the file names none"),
        max_length=200,
        required=False,
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before reading it."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > asc.LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than 16 MB. Export the timetable alone, without students.")
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Read the rows."""
        cleaned: dict[str, Any] = super().clean() or {}
        if (file := cleaned.get("file")) is None:
            return cleaned
        cleaned["data"] = data = file.read()
        try:
            cleaned["read"] = asc.read(data) if asc.looks_like_xml(data) else sheets.read(data)
        except UnreadableTimetableError as error:
            self.add_error("file", str(error))
        return cleaned


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def upload(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a file for a draft; what is wrong with it stands beside the form."""
    version = get_object_or_404(ScheduleVersion, pk=pk, stage=Stage.DRAFT)
    form = TimetableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect("timetable:import-preview", _keep(request, version, form).pk)
    imports = list(version.imports.select_related("by"))
    context = {
        "form": form,
        "version": version,
        "imports": imports,
        "undoable": next((one for one in imports if one.undone_at is None), None),
    }
    return render(request, "timetable/import.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, version: ScheduleVersion, form: TimetableForm) -> TimetableFile:
    """Store what was uploaded for the preview; yesterday's files go."""
    at, given = clock.utc_now(), form.cleaned_data
    TimetableFile.objects.filter(at__lt=at - FILE_LIVES).delete()
    rows = [{**row.as_json(), "where": str(row.where)} for row in given["read"].rows]
    return TimetableFile.objects.create(
        version=version,
        by=actor_of(request),
        at=at,
        file_name=given["file"].name[:200],
        sha256=hashlib.sha256(given["data"]).hexdigest(),
        rows={"lessons": rows, "purpose": given["purpose"], "letters_lost": given["read"].letters_lost},
    )


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the file would put into the draft, before anything changes."""
    file = get_object_or_404(TimetableFile.objects.select_related("version"), pk=pk, by=actor_of(request))
    plan = actions.plan_of(file)
    context = {
        "file": file,
        "plan": plan,
        "problems": plan.problems[:PROBLEMS_SHOWN],
        "elsewhere": plan.elsewhere.most_common(),
        "letters_lost": file.rows["letters_lost"],
    }
    return render(request, "timetable/import_preview.html", context)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def apply(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply what was previewed."""
    by, at = actor_of(request), clock.utc_now()
    file = get_object_or_404(TimetableFile.objects.select_related("version"), pk=pk, by=by)
    version = file.version_id
    done = attempt(
        request,
        lambda: actions.apply_timetable(file=file, fingerprint=request.POST.get("fingerprint", ""), by=by, at=at),
        _("The timetable stands in the draft. It can be undone."),
    )
    return redirect("timetable:version", version) if done else redirect("timetable:import-preview", pk)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an import's lessons out again."""
    done = get_object_or_404(TimetableImport.objects.select_related("version"), pk=pk)
    by, at = actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.undo_timetable(done=done, by=by, at=at), _("The import was undone."))
    return redirect("timetable:import", done.version_id)
