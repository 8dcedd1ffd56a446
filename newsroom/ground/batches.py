"""Many rows are deleted in small statements, so that none holds up for long whoever writes meanwhile."""

# Rows that one statement deletes.
MANY = 1_000


def delete(rows):
    """Delete the rows of a QuerySet, MANY a statement; those that stop belonging to it meanwhile stay."""
    rows = rows.order_by()
    while keys := list(rows.values_list("pk", flat=True)[:MANY]):
        rows.filter(pk__in=keys).delete()
