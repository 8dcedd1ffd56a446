"""What a serving process does beside its requests, once a second, in one thread with a connection of its own."""

import logging
import os
import threading
from contextlib import suppress
from multiprocessing.util import Finalize

from django.db import Error, close_old_connections, connections

EVERY = 1.0  # seconds

log = logging.getLogger("newsroom")


class Beat:
    """Calls each of `ticks` once every second until `stop`, which calls `last` once more.

    A database that is away stops nothing: it is told once, and the next second tries again.
    """

    def __init__(self, *ticks, last=()):
        self.ticks, self.last = ticks, last
        self._end = threading.Event()
        self._well = True
        self._thread = None

    def start(self):
        """Begin, in this process and in those that are forked from it; end with the process."""
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)
        self._thread.start()
        os.register_at_fork(after_in_child=self._again)
        # Not atexit, which a server's forked workers never reach; this is called there too.
        Finalize(None, self.stop, exitpriority=10)

    def stop(self):
        """End the thread and do the last things; a second time does nothing."""
        if not self._end.is_set():
            self._end.set()
            self._thread.join(timeout=5)
            self._each(self.last)

    def _again(self):
        if self._end.is_set():
            return
        # The other process's thread may have held the old one's lock.
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)
        self._thread.start()

    def _run(self):
        self._each(self.ticks)
        while not self._end.wait(EVERY):
            self._each(self.ticks)
        connections.close_all()

    def _each(self, ticks):
        try:
            close_old_connections()
            for tick in ticks:
                self._one(tick)
        except Error as error:
            with suppress(Exception):
                connections.close_all()
            if self._well:
                log.warning("The database cannot be reached: %s. What is compiled is served on.", type(error).__name__)
            self._well = False
        else:
            if not self._well:
                log.warning("The database can be reached again.")
            self._well = True

    def _one(self, tick):
        try:
            tick()
        except Error:
            raise
        except Exception:
            # Whatever it was, the others' turn and the next second come: without this thread pages would stay as they
            # are for ever.
            log.exception("What is done every second failed.")
