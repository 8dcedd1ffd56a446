"""The tables that the whole site stands on: the numbered log of changes, counts, and what limits have counted."""

from django.db import models


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
