"""The one database file: objects as JSON documents, and what the sandbox keeps about itself."""

import sqlite3
import threading
from contextlib import contextmanager

TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
    body TEXT NOT NULL, hidden TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS objects_of_kind ON objects (kind, seq);
CREATE TABLE IF NOT EXISTS agenda (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, task TEXT NOT NULL, subject TEXT NOT NULL,
    UNIQUE (task, subject, at));
CREATE INDEX IF NOT EXISTS agenda_at ON agenda (at, seq);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_at, seq);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, created INTEGER NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, path TEXT NOT NULL, key TEXT, status INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# All that a reset empties.
FORGOTTEN = ("objects", "agenda", "deliveries", "idempotency", "requests", "settings")


class Store:
    """Turns are taken one after the other, by however many threads: each is one transaction."""

    def __init__(self, path):
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(TABLES)

    @contextmanager
    def turn(self):
        """The database for one transaction, which an error undoes."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def forget(self):
        with self.turn() as database:
            for table in FORGOTTEN:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own

    def close(self):
        with self._lock:
            self._database.close()
