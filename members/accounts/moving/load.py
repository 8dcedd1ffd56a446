"""People from a file into the database, or what would become of them.

Written in batches, each in one transaction: a person is taken over whole or not at all, and an import that was killed
is started again and goes on where it stopped. Nobody is sent a mail.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts.moving import cells, formats, table
from members.accounts.moving.known import Known
from members.accounts.moving.verdict import CREATED, FAILED, LEFT_OUT, STATUSES, UNCHANGED, Verdict, decide
from members.billing.models import Customer
from members.models import Grant, Note, User
from newsroom.ground import audit

BATCH = 500
# Failures that are kept to be told; all are counted.
TOLD = 1_000
# Somebody signed up between look and deed: how often a batch is looked at anew.
TRIES = 3


@dataclass
class Report:
    """What became of a file. failures: [(line, why, and what to do)]; remarks: {words: count}; left: the headings of
    columns that nothing was taken from. dry: whether nothing was written."""

    format: str
    dry: bool
    left: list
    counts: Counter = field(default_factory=Counter)
    failures: list = field(default_factory=list)
    remarks: Counter = field(default_factory=Counter)

    def add(self, line, verdict):
        self.counts[verdict.status] += 1
        if verdict.status == FAILED and len(self.failures) < TOLD:
            self.failures.append((line, verdict.why))
        for remark in verdict.remarks:
            self.remarks[remark] += 1

    @property
    def untold(self):
        """How many failures are counted alone."""
        return self.counts[FAILED] - len(self.failures)

    def __str__(self):
        return ", ".join(f"{self.counts[status]} {status}" for status in STATUSES)


def run(told, by=None, name="auto", plan=None, dry=False, advance=lambda count: None):
    """Import a file's bytes, or with `dry` only tell what would happen. by: the account that does it, None: the
    command. name: that of a format. plan: the Plan of grants whose file names none of ours. Returns a Report; raises
    `table.Unreadable`, and then nothing was written."""
    found = table.read(told)
    name, module = formats.of(found, name)
    left = [heading for key, heading in found.headings.items() if key not in module.USED]
    report = Report(name, dry, left)
    load = Load(module, by, plan, timezone.now(), report)
    if not dry:
        # Read to its end before anything is written: what cannot be read as a whole is not taken over in part.
        for _row in table.read(told).rows:
            pass
        load.record("imports members", told, f"{name}, {len(told)} bytes")
    for batch in _batches(found.rows):
        load.take(batch)
        advance(len(batch))
    if not dry:
        load.record("imported members", told, f"{name}: {report}")
    return report


class Load:
    """One run. seen: {address, key or customer: line} of those who came before in the same file, and {account's id:
    line}."""

    def __init__(self, module, by, plan, now, report):
        self.module, self.by, self.plan, self.now, self.report = module, by, plan, now, report
        self.seen = {}
        self.told = formats.Told(frozenset(code for code, _words in settings.LANGUAGES), now)

    def record(self, deed, told, note):
        audit.record(self.by, deed, "import", hashlib.sha256(told).hexdigest()[:16], note)

    def take(self, rows):
        people = {row.line: self._read(row) for row in rows}
        verdicts = {line: person for line, person in people.items() if isinstance(person, Verdict)}
        for attempt in range(TRIES):
            try:
                written = self._write({line: one for line, one in people.items() if line not in verdicts})
                break
            except IntegrityError:
                if attempt == TRIES - 1:
                    raise
        for line, verdict in sorted((verdicts | written).items()):
            self.report.add(line, verdict)

    def _read(self, row):
        """A Person, or the Verdict of a row that says none."""
        try:
            person = self._person(row)
        except cells.Wrong as error:
            return Verdict.failed(str(error))
        for told in filter(None, (person.email, person.key, person.customer)):
            if (before := self.seen.setdefault(told, row.line)) != row.line:
                said = _("“%(cell)s” stands on line %(line)d already; delete one of the two")
                return Verdict.failed(said % {"cell": cells.short(told), "line": before})
        return Verdict(LEFT_OUT, remarks=(person.left_out,)) if person.left_out else person

    def _person(self, row):
        if row.excess:
            raise cells.Wrong(_("it has more cells than there are columns; a comma in a cell needs quotation marks"))
        return self.module.read(lambda heading: cells.text(row.cells.get(heading, "")), self.told)

    def _write(self, people):
        """{line: Verdict} of {line: Person}. All are written, or none."""
        with transaction.atomic():
            known = Known.of(people.values(), self.plan)
            verdicts = {line: self._decide(line, person, known) for line, person in people.items()}
            if not self.report.dry:
                self._make([one for one in verdicts.values() if one.status not in (FAILED, UNCHANGED)])
        return verdicts

    def _decide(self, line, person, known):
        verdict = decide(person, known, self.now)
        account = verdict.user.pk if verdict.user else None
        if account and (before := self.seen.setdefault(account, line)) != line:
            return Verdict.failed(_("it is the account of line %(line)d; delete one of the two") % {"line": before})
        return verdict

    def _make(self, verdicts):
        made = [one.user for one in verdicts if one.status == CREATED]
        for user in made:
            user.set_unusable_password()
        User.objects.bulk_create(made)
        User.objects.bulk_update([one.user for one in verdicts if one.named], ["display_name"])
        grants = [one.grant for one in verdicts if one.grant]
        for grant in grants:
            grant.granted_by = self.by
        Grant.objects.bulk_create(grants)
        Grant.objects.bulk_update([one.longer for one in verdicts if one.longer], ["ends_at"])
        notes = [one for one in verdicts if one.note]
        Note.objects.bulk_create([Note(user=one.user, author=self.by, text=one.note) for one in notes])
        customers, live = [one for one in verdicts if one.customer], settings.STRIPE_LIVE
        Customer.objects.bulk_create([Customer(user=one.user, stripe_id=one.customer, live=live) for one in customers])


def _batches(rows):
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
