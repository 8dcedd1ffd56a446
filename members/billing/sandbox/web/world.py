"""Everything that the faces of one sandbox share: its books, and who is at work."""

import threading
from contextlib import contextmanager

from members.billing.sandbox.core import clock
from members.billing.sandbox.core.books import Books
from members.billing.sandbox.core.store import Store
from members.billing.sandbox.objects import endpoints


class World:
    """base: the address that the sandbox answers at; registered: (address, secret) of the webhook endpoint that it
    starts with and a reset returns to, or None; at_work: the idempotency keys of requests that have no answer yet;
    stirred: set when there may be something to deliver; let_go: set when requests that are to be slow shall wait no
    longer; stopping: set when the process ends."""

    def __init__(self, database, base="", registered=None):
        self.store, self.base, self.registered = Store(database), base, registered
        self.at_work, self._lock = set(), threading.Lock()
        self.stirred, self.stopping = threading.Event(), threading.Event()
        self.let_go = threading.Event()
        self.delivering = threading.Lock()

    @contextmanager
    def turn(self, request=None):
        """The books for one transaction, which an error undoes."""
        with self.turn_quietly(request) as books:
            yield books
        self.stirred.set()

    @contextmanager
    def turn_quietly(self, request=None):
        """The same for who delivers, and need not be told that there may be something to deliver."""
        with self.store.turn() as database:
            books = Books(database, 0, self.base, request)
            books.now = clock.now(books.setting)
            yield books

    @contextmanager
    def working_on(self, key):
        """While a request with an idempotency key is at work. Yields whether it is the only one."""
        with self._lock:
            alone = key is None or key not in self.at_work
            if alone and key is not None:
                self.at_work.add(key)
        try:
            yield alone
        finally:
            if alone:
                self.at_work.discard(key)

    def register(self):
        if self.registered:
            with self.turn() as books:
                endpoints.register(books, *self.registered)

    def release_slow(self):
        """End the waiting of requests that are slow at this moment."""
        self.let_go.set()
        self.let_go = threading.Event()

    def forget(self):
        self.release_slow()
        self.store.forget()
        self.register()
