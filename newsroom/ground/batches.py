"""Many rows are read and deleted in small statements, so that none holds up for long whoever writes meanwhile."""

# Rows that one statement reads or deletes.
MANY = 1_000


def each(rows):
    """The rows of a QuerySet by their numbers, MANY a statement, which is over before the first of them is given: on
    SQLite whoever writes while a statement of theirs still reads is refused once anybody else has written."""
    rows, last = rows.order_by("pk"), 0
    while some := list(rows.filter(pk__gt=last)[:MANY]):
        yield from some
        last = some[-1].pk


def delete(rows):
    """Delete the rows of a QuerySet, MANY a statement; those that stop belonging to it meanwhile stay."""
    rows = rows.order_by()
    while keys := list(rows.values_list("pk", flat=True)[:MANY]):
        rows.filter(pk__in=keys).delete()
