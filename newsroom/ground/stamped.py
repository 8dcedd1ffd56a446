"""Rows whose changes readers' pages show: however they are written, a stamp goes with it.

By save, delete, update, bulk_create or bulk_update, from the desk, an importer or a shell: a change that pages do not
hear of would leave old text, or worse, old terms on the site. What goes past Django's models (raw SQL, `loaddata`) goes
past this too.
"""

from django.db import models, transaction

from newsroom.ground import stamps


class StampedQuerySet(models.QuerySet):
    def update(self, **fields):
        with transaction.atomic(using=self.db, savepoint=False):
            stamps.hold()
            before = self._stored()
            changes = self._changes_of(before)
            count = super().update(**fields)
            after = self.model._base_manager.filter(pk__in=[row.pk for row in before])
            stamps.record(changes | self._changes_of(list(after)))
        return count

    update.alters_data = True

    def bulk_update(self, objs, fields, batch_size=None):
        objs = tuple(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            stamps.hold()
            stored = self.model._base_manager.filter(pk__in=[row.pk for row in objs][: stamps.MANY + 1])
            changes = self._changes_of(list(stored))
            # Not by our own `update`, which would look at the rows of each batch again.
            count = models.QuerySet(self.model, using=self.db).bulk_update(objs, fields, batch_size=batch_size)
            stamps.record(changes | self.model.changes(objs))
        return count

    bulk_update.alters_data = True

    def delete(self):
        with transaction.atomic(using=self.db, savepoint=False):
            stamps.hold()
            changes = self._changes_of(self._stored())
            done = super().delete()
            stamps.record(changes)
        return done

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        with transaction.atomic(using=self.db, savepoint=False):
            stamps.hold()
            made = super().bulk_create(objs, *args, update_conflicts=update_conflicts, **kwargs)
            # Which rows were there already, and what they were, nobody tells.
            stamps.record({stamps.EVERYTHING} if update_conflicts else self.model.shown_in(made))
        return made

    def update_or_create(self, *args, **kwargs):
        # It locks the row first; who waits for the stamps' lock after that may be waited for.
        with transaction.atomic(using=self.db, savepoint=False):
            stamps.hold()
            return super().update_or_create(*args, **kwargs)

    def _stored(self):
        """The rows of this query in full, one more than MANY at most."""
        return list(self.model._base_manager.filter(pk__in=self.order_by().values("pk"))[: stamps.MANY + 1])

    def _changes_of(self, rows):
        # Of many rows not all were read, and what they are shown in may be few things.
        return {stamps.EVERYTHING} if len(rows) > stamps.MANY else self.model.changes(rows)


class Stamped(models.Model):
    # The kind of a change to one row, with its id for a key. None: pages do not name rows of this model one by one.
    stamp_kind = None

    objects = StampedQuerySet.as_manager()

    class Meta:
        abstract = True
        # What Django writes by itself stamps too: section.articles.add(story), or the links that a deletion empties.
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            stamps.hold()
            stored = self._stored()
            changes = self.changes(stored)
            super().save(*args, **kwargs)
            stamps.record(changes | (self.changes([self]) if stored else self.shown_in([self])))

    save.alters_data = True

    def delete(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            stamps.hold()
            changes = self.changes(self._stored())
            done = super().delete(*args, **kwargs)
            stamps.record(changes)
        return done

    delete.alters_data = True

    @classmethod
    def shown_in(cls, rows):
        """The changes (a set) beside the rows' own that pages which list such rows must hear of."""
        return set()

    @classmethod
    def changes(cls, rows):
        """All changes that a change of these rows makes, as they are now."""
        own = {(cls.stamp_kind, str(row.pk)) for row in rows} if cls.stamp_kind else set()
        return own | cls.shown_in(rows)

    def _stored(self):
        """A list of the row as it is in the database; empty where it is not."""
        return list(type(self)._base_manager.filter(pk=self.pk)) if self.pk is not None else []
