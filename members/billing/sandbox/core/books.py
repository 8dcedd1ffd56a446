"""What one request, one form or one due task reads and writes: all of it, or nothing."""

import json
from contextlib import contextmanager

from members.billing.sandbox.core import errors, schema

# What the sandbox starts from, and returns to at a reset.
DEFAULTS = {
    "finalize_after": 3_600,  # seconds for which a renewal's invoice stays a draft
    "async_after": 3 * 86_400,  # seconds until a debit has succeeded or failed
    "upcoming_before": 7 * 86_400,  # seconds before a renewal at which it is announced
    "after_dunning": "cancel",  # what the last failed retry does: cancel, unpaid or past_due
    "portal_cancels_by": "cancel_at_period_end",  # or cancel_at, as some accounts' portals do
    "delivery": "normal",  # or hold: collect until released
    "delay": 0,  # seconds by which a delivery is late
    "duplicate": False,
    "reorder": False,  # the newest first
    "drop": 0,  # how many of the next deliveries are lost
    "faults": [],  # what happens to the next requests
}


class Books:
    """database: of a turn; now: seconds since 1970 on the sandbox's clock; base: the address that it answers at;
    request: {id, idempotency_key} of the API request at work, for the events that it causes."""

    def __init__(self, database, now, base, request=None):
        self.database, self.now, self.base = database, now, base
        self.request = request or {"id": None, "idempotency_key": None}

    # Objects.

    def find(self, key, *kinds):
        """The object of an id, of one of these kinds if any are named; None: there is none."""
        row = self.database.execute("SELECT kind, body FROM objects WHERE id = ?", [key]).fetchone()
        return json.loads(row[1]) if row and (not kinds or row[0] in kinds) else None

    def get(self, key, kind, param="id"):
        """The object of an id, or Refused. param: the parameter that named it."""
        found = self.find(key, kind)
        if found is None:
            raise errors.absent(kind, key, param)
        return found

    def put(self, thing, **hidden):
        """Store an object as it is now, if it has its kind's shape. hidden: what to remember beside it."""
        kind = thing["object"]
        shape = "deleted_customer" if thing.get("deleted") else kind
        if wrong := schema.problems(shape, thing):
            raise AssertionError(f"Not in Stripe's shape: {'; '.join(wrong[:5])}")
        return self.force(thing, **hidden)

    def force(self, thing, **hidden):
        """Store it whatever its shape, for tests of what is not supposed to come."""
        facts = {**self.hidden(thing["id"]), **hidden}
        self.database.execute(
            "INSERT INTO objects (id, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body, hidden = excluded.hidden",
            [thing["id"], thing["object"], thing.get("created", self.now), json.dumps(thing), json.dumps(facts)],
        )
        return thing

    def remove(self, key):
        self.database.execute("DELETE FROM objects WHERE id = ?", [key])

    def all(self, kind, **fields):
        """The objects of a kind, oldest first, whose fields have these values; two underscores lead inwards, and None
        is not asked for."""
        asked = {name: value for name, value in fields.items() if value is not None}
        conditions = ["kind = ?"] + [f"json_extract(body, '$.{name.replace('__', '.')}') = ?" for name in asked]
        query = f"SELECT body FROM objects WHERE {' AND '.join(conditions)} ORDER BY seq"  # noqa: S608 - our own names
        return [json.loads(body) for (body,) in self.database.execute(query, [kind, *asked.values()])]

    def hidden(self, key):
        row = self.database.execute("SELECT hidden FROM objects WHERE id = ?", [key]).fetchone()
        return json.loads(row[0]) if row else {}

    def note(self, key, **facts):
        """Remember beside an object what Stripe's shape has no place for."""
        both = {**self.hidden(key), **facts}
        self.database.execute("UPDATE objects SET hidden = ? WHERE id = ?", [json.dumps(both), key])

    @contextmanager
    def undone(self):
        """Whatever is done within is undone at its end: how things would be."""
        self.database.execute("SAVEPOINT preview")
        try:
            yield
        finally:
            self.database.execute("ROLLBACK TO preview")
            self.database.execute("RELEASE preview")

    @contextmanager
    def whole(self):
        """What is done within is undone where it raises, however the rest goes on."""
        self.database.execute("SAVEPOINT whole")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK TO whole")
            raise
        finally:
            self.database.execute("RELEASE whole")

    # What is to come.

    def schedule(self, at, task, subject):
        """Have a task of `agenda.TASKS` done for an object at a moment, which the task checks for itself then."""
        self.database.execute("INSERT OR IGNORE INTO agenda (at, task, subject) VALUES (?, ?, ?)", [at, task, subject])

    # What the sandbox is told about itself.

    def setting(self, name):
        row = self.database.execute("SELECT value FROM settings WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else DEFAULTS.get(name)

    def set(self, name, value):
        self.database.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", [name, json.dumps(value)])
