"""Compiled pages, kept: in the memory of this process and in the level that processes share.

`fetch` gives the entry that suits a reader at the reader's moment. What a stamp has touched is never served; what time
alone has outdated may be, to those who come while one compiles it anew.
"""

import hashlib
import logging
import os
import time

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

from articles.reading import shared
from articles.reading.basis import Basis
from articles.reading.entry import Entry, pack, unpack
from articles.reading.fingerprint import fingerprint
from articles.reading.flights import Flights
from articles.reading.holes import Pieces
from articles.reading.memory import Memo, Memory
from newsroom.ground import counters, stamps

# How often a page is compiled anew because what it shows was changed meanwhile, before writers are made to wait.
TRIES = 3
# Seconds that a reader waits for another thread or process to compile the page, before compiling it too.
PATIENCE = 1.0
LOOK_AGAIN = 0.01

log = logging.getLogger("newsroom")


class Store:
    """One process's compiled pages. follower: of the log of stamps; level: the shared one (`shared.Shared`)."""

    def __init__(self, follower, level, bytes_max):
        self.follower, self.level = follower, level
        self.memory = Memory(bytes_max)
        self._memo = Memo(follower)
        self.pieces = None
        self._flights = Flights()
        follower.listeners.append(self._hear)

    def forget(self):
        """Drop all that this process holds, as a new one would."""
        self.memory.clear()
        self._memo.clear()
        self.pieces = None

    def holds(self, path):
        """Whether this process may be able to serve a page with no question to anybody."""
        return self.pieces is not None and self.follower.followed and bool(self.memory.get(path))

    def known(self, path, reader):
        """The entry for a reader that this process can serve with no question to anybody, or None."""
        entry = self._held(path, reader) if self.holds(path) else None
        return entry if entry is not None and entry.is_fresh_at(reader.now) else None

    def fetch(self, recipe, reader):
        """The Entry of a page for a reader. Raises what the recipe raises where there is no such page, and
        DatabaseError where one must be compiled and cannot be."""
        self.catch_up()
        deadline = time.monotonic() + PATIENCE
        while True:
            entry = self._held(recipe.path, reader)
            if entry is not None and entry.is_fresh_at(reader.now):
                return entry
            with self._flights.enter(recipe.path) as others:
                if others is None or time.monotonic() > deadline:
                    return self._lead(recipe, reader, entry, deadline)
                if entry is not None:
                    return entry
                others.wait(PATIENCE)

    def catch_up(self):
        """Know of all changes, unless this process is told of them every second."""
        while self.pieces is None:
            # The log was read before there was anybody to tell.
            self.follower.poll()
            mark, drawn = self.follower.mark, Pieces()
            if mark == self.follower.mark:
                self.pieces = drawn
        self.follower.catch_up()

    def poll_inserts(self):
        """Learn what of the advertisements was delivered meanwhile; after this process's own counts were written."""
        if self.pieces is not None:
            self.pieces.inserts.poll()

    def forked(self):
        """In a child process: nothing is under way, and no other thread holds a lock."""
        self.memory, self._memo, self._flights = Memory(self.memory.bytes_max), Memo(self.follower), Flights()

    def _hear(self, changes):
        """Draw anew what stamps have touched. What cannot be drawn must not stop the log: the last good pieces stay."""
        try:
            if self.pieces is None:
                self.pieces = Pieces()
            else:
                self.pieces.hear(changes)
        except Error:
            raise
        except Exception:
            log.exception("Advertisements or prompts could not be drawn.")

    def _held(self, path, reader):
        """The entry for a reader in memory that no stamp has touched; time may have outdated it."""
        for entry in self.memory.get(path):
            if entry.suits(reader) and self._stands(entry, reader.now):
                return entry
        return None

    def _stands(self, entry, now):
        mark = self.follower.mark
        if entry.mark is not mark:
            if not self.follower.holds(entry.mark, entry.changes):
                return False
            # Known up to here: the next look need not go through all changes again.
            entry.mark = mark
        return entry.exists_at(now)

    def _lead(self, recipe, reader, stale, deadline):
        """Take the page from the shared level, or compile it: as the only one, as far as that can be known."""
        while True:
            with self.level.lease(self._key(recipe.path)) as alone:
                entry = self._shared(recipe.path, reader)
                if entry is not None:
                    return entry
                if alone or time.monotonic() > deadline:
                    return self._compiled_or(stale, recipe, reader)
            if stale is not None:
                return stale
            time.sleep(LOOK_AGAIN)

    def _shared(self, path, reader):
        """The fresh entry for a reader in the shared level. What else is good there is taken along into memory."""
        content = self.level.get(self._key(path))
        if not content:
            return None
        try:
            entries = unpack(path, content, fingerprint())
        except Exception as error:
            log.warning("What lies in the shared cache for %s was dropped: %s", path, error)
            return None
        if any(entry.mark[0] > self.follower.mark[0] for entry in entries):
            # Another process is ahead of us by less than a second.
            self.follower.poll()
        good = [entry for entry in entries if self._stands(entry, reader.now)]
        fresh = [entry for entry in good if entry.is_fresh_at(reader.now)]
        self._keep(path, fresh)
        return next((entry for entry in fresh if entry.suits(reader)), None)

    def _keep(self, path, entries):
        """Hold these entries, and those of other variants that are still good; returns all of them."""
        variants = {entry.variant for entry in entries}
        others = [
            entry
            for entry in self.memory.get(path)
            if entry.variant not in variants and self.follower.holds(entry.mark, entry.changes)
        ]
        kept = [*entries, *others]
        self.memory.put(path, kept)
        return kept

    def _compiled_or(self, stale, recipe, reader):
        """Compiled; while the database is away, what time alone has outdated is better than nothing."""
        try:
            return self._compiled(recipe, reader)
        except (OperationalError, InterfaceError):
            if stale is None:
                raise
            return stale

    def _compiled(self, recipe, reader):
        entry, worth = self._compile(recipe, reader)
        if worth:
            counters.add("compiled", recipe.path)
            kept = self._keep(recipe.path, [entry])
            # The mark of an empty log names no state: that of another database would look the same.
            if entry.mark[0]:
                self.level.put(self._key(recipe.path), pack(recipe.path, kept, fingerprint()))
        return entry

    def _compile(self, recipe, reader):
        """(entry, whether it is worth keeping). Compiled, and again where something that the page shows was changed
        meanwhile: then it may show half of it."""
        for last in [False] * (TRIES - 1) + [True]:
            basis = Basis(reader.now, self.follower.mark, self._memo)
            try:
                page = recipe.compile(basis, reader)
            except Exception:
                self.follower.poll()
                # What is changed meanwhile may be missed where it was seen before; else it is what it says.
                if basis.mark == self.follower.mark or last:
                    raise
                continue
            self.follower.poll()
            upto = self.follower.mark
            if self.follower.holds(basis.mark, basis.changes):
                return self._entry(recipe, page, basis, upto), page.kept
        return self._compile_alone(recipe, reader)

    def _compile_alone(self, recipe, reader):
        """While nobody writes: a page that is changed more often than it can be compiled."""
        with stamps.alone():
            self.follower.poll()
            basis = Basis(reader.now, self.follower.mark)
            page = recipe.compile(basis, reader)
            return self._entry(recipe, page, basis, basis.mark), page.kept

    def _entry(self, recipe, page, basis, upto):
        return Entry(
            chunks=page.chunks,
            mark=upto,
            changes=frozenset(basis.changes),
            made_at=basis.now,
            visible_from=page.visible_from,
            visible_until=page.visible_until,
            valid_until=basis.until,
            type=page.type,
            language=recipe.language,
            story=page.story,
            subject=page.subject,
            variant=page.variant,
            status=page.status,
        )

    def _key(self, path):
        return hashlib.blake2b(f"{fingerprint()}\0{path}".encode(), digest_size=24).hexdigest()


default = Store(stamps.follower, shared.of_settings(), settings.PAGES_MEMORY_MB * 1024 * 1024)
os.register_at_fork(after_in_child=default.forked)
