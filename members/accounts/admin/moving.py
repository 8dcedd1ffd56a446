"""Members moved in and out in the desk, by owners alone: a file is looked at first, and taken over at a second click.

Nothing of a file is kept between the two: the page carries it, signed, so that what is taken over is what was looked
at. What is larger than a page should be, `import_members` takes.
"""

import json

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from members.accounts.moving import export, formats, load
from members.accounts.moving.table import Unreadable
from members.accounts.moving.verdict import FAILED, STATUSES
from members.models import Plan, User
from newsroom.ground import audit

# Signed and packed it must fit into what Django takes of a form.
BYTES_MAX = 2_000_000
SALT = "members.accounts.moving"
# Seconds for which a file that was looked at can be taken over.
HOLDS = 3600
FAILURES_SHOWN = 200
COUNTS = {
    "created": _("New accounts"),
    "updated": _("Accounts that get something more"),
    "unchanged": _("Here already, and unchanged"),
    "left out": _("Left out"),
    "failed": _("Cannot be taken over"),
}


class FileForm(forms.Form):
    file = forms.FileField(label=_("File"))
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[("auto", _("by its columns")), *((name, one.TITLE) for name, one in formats.FORMATS.items())],
    )
    plan = forms.ModelChoiceField(
        Plan.objects.all(), label=_("Plan"), required=False, empty_label=_("No plan: what is for all members"),
        help_text=_("Of memberships for which the file names no plan of ours."),
    )  # fmt: skip

    def clean_file(self):
        found = self.cleaned_data["file"]
        if found.size > BYTES_MAX:
            said = _("The file has more than %(most)d megabytes: import it by the command import_members.")
            raise ValidationError(said % {"most": BYTES_MAX // 1_000_000})
        return found.read()


def import_members(request):
    """GET: the form. POST with a file: what would happen. POST with `looked_at`: let it happen."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if "looked_at" in request.POST:
        return _take(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            report = load.run(said["file"], request.user, said["format"], said["plan"], dry=True)
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return _page(request, "import", {"report": _told(report), "looked_at": _packed(said)})
    return _page(request, "import", {"form": form})


def _take(request):
    try:
        told, name, plan = _unpacked(request.POST["looked_at"])
        report = load.run(told, request.user, name, plan)
    except signing.BadSignature:
        messages.error(request, say("That was looked at more than an hour ago. Look at the file again."))
        return redirect("admin:members_user_import")
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("admin:members_user_import")
    messages.success(request, say("Imported: %(counts)s.") % {"counts": report})
    return _page(request, "import", {"report": _told(report)})


class Packing:
    """For the signer: what was chosen as a line of JSON, and below it the file's bytes as they are."""

    def dumps(self, told):
        chosen, file = told
        return json.dumps(chosen).encode() + b"\n" + file

    def loads(self, packed):
        chosen, _end, file = packed.partition(b"\n")
        return json.loads(chosen), file


def _packed(said):
    chosen = {"format": said["format"], "plan": said["plan"].pk if said["plan"] else None}
    return signing.dumps((chosen, said["file"]), salt=SALT, serializer=Packing, compress=True)


def _unpacked(text):
    """(the file's bytes, name of the format, Plan or None). Raises signing.BadSignature."""
    chosen, file = signing.loads(text, salt=SALT, serializer=Packing, max_age=HOLDS)
    return file, chosen["format"], Plan.objects.filter(pk=chosen["plan"]).first()


def _told(report):
    """A `load.Report` as the page draws it."""
    return {
        "dry": report.dry,
        "format": formats.FORMATS[report.format].TITLE,
        "counts": [(COUNTS[status], report.counts[status]) for status in STATUSES],
        "any": sum(report.counts[status] for status in STATUSES if status != FAILED),
        "failures": report.failures[:FAILURES_SHOWN],
        "more": report.counts[FAILED] - len(report.failures[:FAILURES_SHOWN]),
        "remarks": list(report.remarks.items()),
        "left": ", ".join(report.left),
    }


def export_members(request):
    """GET: what is in the table, and for whom. POST: the table itself, noted in the audit log."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, "export", {"columns": export.COLUMNS})
    members_only = request.POST.get("who") == "members"
    audit.record(request.user, "exported members", "export", "", "members alone" if members_only else "all accounts")
    name = export.file_name(timezone.localtime())
    return StreamingHttpResponse(
        (line.encode() for line in export.lines(members_only)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(request, template, context):
    titles = {"import": say("Import members"), "export": say("Export members")}
    context |= admin.site.each_context(request) | {"opts": User._meta, "title": titles[template]}
    return render(request, f"admin/members/{template}.html", context)
