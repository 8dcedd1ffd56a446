"""The tables that the whole site stands on: the numbered log of changes, and counts."""

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
