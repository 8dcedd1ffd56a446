"""The tables that the whole site stands on: the numbered log of changes, counts, what limits counted, audit log."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Clock(models.Model):
    """One row: the number of the newest stamp. Whoever makes stamps holds it until the end of the transaction, so that
    numbers become visible in their order."""

    number = models.BigIntegerField(default=0)

    def __str__(self):
        return str(self.number)


class Stamp(models.Model):
    """One change to something that readers' pages show. kind and key are plain strings: no domain word is known here.

    at: when it was made. Number and moment together name a stamp even where a backup made numbers begin again.
    """

    number = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.number}: {self.kind} {self.key}"


class Count(models.Model):
    """How often something happened in one hour: nothing but a number, and no word of who did it.

    series: what was counted ("read", "ad"); key: of which thing; hour: its beginning, in UTC.
    """

    series = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    hour = models.DateTimeField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "key", "hour"], name="counted_once_an_hour")]
        indexes = [models.Index(fields=["series", "hour"], name="count_by_hour")]

    def __str__(self):
        return f"{self.series} {self.key} {self.hour:%Y-%m-%d %H}: {self.number}"


class Tally(models.Model):
    """How often a limit was counted for somebody, or when the last in a line is due.

    key: a salted digest of the limit's name and of whom it counts, so that the row tells neither. number: how often, or
    for a line the moment in milliseconds since 1970. until: the end of the count, from when on the row may go; in
    milliseconds too, which every database adds alike.
    """

    key = models.CharField(max_length=32, primary_key=True)
    number = models.BigIntegerField()
    until = models.BigIntegerField(db_index=True)

    def __str__(self):
        return f"{self.key}: {self.number}"


class AppendOnly(Exception):
    """Somebody tried to change the audit log. Remedy: record another deed that says what was wrong."""


class DeedQuerySet(models.QuerySet):
    def _refuse(self, *args, **kwargs):
        raise AppendOnly("The audit log is only added to: record another deed instead.")

    update = delete = bulk_update = update_or_create = _refuse


class Deed(models.Model):
    """One line of the audit log: what somebody who may do much has done.

    actor: the key of the account, never its address; blank for the site itself. deed: what was done, a few words.
    kind, key: to what, such as "account" and its key. note: from what to what, or why.
    """

    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.CharField(_("by whom"), max_length=22, blank=True)
    deed = models.CharField(_("deed"), max_length=40)
    kind = models.CharField(_("to what"), max_length=40, blank=True)
    key = models.CharField(_("which"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = DeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("deed")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "key"], name="deed_about")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.deed} {self.kind} {self.key}".rstrip()

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnly("The audit log is only added to: record another deed instead.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly("Nothing is taken out of the audit log before its time.")
