"""Stripe's notes, on PostgreSQL: signed, each sent twice by many senders at once, and kept exactly once."""

import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count

import psycopg
from django.conf import settings

from tests.benchmarks import environment, load, measure, servers
from tests.benchmarks.load import NotHere, Wrong

SENDERS = 16
SECONDS = 60  # within which all of a slice are answered
SECRET = "whsec_of_the_benchmark"
STRIPE = {"STRIPE_SECRET_KEY": "sk_test_of_the_benchmark", "STRIPE_WEBHOOK_SECRET": SECRET}
# Where DATABASE_URL names no PostgreSQL: that of `make test-postgres`.
POSTGRES = "postgres://postgres@127.0.0.1:5432/newsroom"
PREPARE = ("migrate", "createcachetable")
# What the yardstick keeps of a note.
TABLE = "CREATE TABLE note (id bigserial PRIMARY KEY, stripe_id varchar(255) UNIQUE, type text, made_at timestamptz)"

KEPT = "SELECT count(*), count(*) FILTER (WHERE status = 'waiting') FROM billing_event"

_numbers = count(1)


def throughput(bench):
    """Our webhook against a view that checks the same signature and does one INSERT: the yardstick's CPU over ours."""
    with _database() as url, servers.site(DATABASE_URL=url, **STRIPE) as ours:
        with servers.yardstick("insert", YARDSTICK_DATABASE=url, YARDSTICK_SECRET=SECRET) as theirs:
            told = []
            sides = _side(ours, "/stripe/webhook/", told), _side(theirs, "/insert/", [])
            pairs = [measure.in_turns(*sides, bench.requests) for _repetition in range(measure.FEW)]
        kept, waiting = _ask(url, KEPT)
        if kept != sum(told):
            raise Wrong(f"of {sum(told):,} events {kept:,} were kept")
    measured = measure.judged(pairs, lambda mine, yardstick: yardstick / mine)
    return replace(measured, note=f"{kept:,} events, {waiting:,} of them left to the worker")


def _side(server, path, told):
    """One of the two that take turns, for `measure.in_turns`. told: a list to which the number of events is added."""

    def run(requests, _seconds):
        notes = _notes(path, requests // 2)
        told.append(len(notes) // 2)
        before = server.cpu_seconds()
        done = load.run(server.port, notes, connections=SENDERS, seconds=SECONDS)
        return measure.Pace(done.requests, server.cpu_seconds() - before, done.seconds, len(done.body))

    run(measure.WARM_UP, SECONDS)
    return run


def _notes(path, many):
    """The requests of so many new events, each twice, in any order."""
    told = [_request(path, next(_numbers)) for _note in range(many)] * 2
    random.Random(many).shuffle(told)  # noqa: S311 (any order will do)
    return told


def _request(path, number):
    """The bytes of a POST as Stripe sends it, of an event about a customer whom nobody knows."""
    about = {"id": f"sub_{number}", "object": "subscription", "customer": f"cus_{number}", "status": "active"}
    event = {"id": f"evt_{number}", "type": "customer.subscription.updated", "created": int(time.time()),
             "livemode": False, "data": {"object": about | {"metadata": {"padding": "x" * 2000}}}}  # fmt: skip
    body, at = json.dumps(event).encode(), int(time.time())
    code = hmac.new(SECRET.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    lines = [f"POST {path} HTTP/1.1", f"Host: {environment.HOST}", "Content-Type: application/json; charset=utf-8",
             f"Content-Length: {len(body)}", f"Stripe-Signature: t={at},v1={code}"]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def _database():
    """A prepared database of our own on PostgreSQL; its address. Raises NotHere where none answers."""
    url = os.environ.get("DATABASE_URL", POSTGRES)
    try:
        psycopg.connect(url.rpartition("/")[0] + "/postgres", connect_timeout=5).close()
    except psycopg.OperationalError as error:
        raise NotHere("there is no PostgreSQL here: set DATABASE_URL") from error
    with environment.own_database(url, "webhook") as address:
        for command in PREPARE:
            subprocess.run(
                [sys.executable, "manage.py", command, "--verbosity", "0"],
                cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": address}, check=True, timeout=300,
            )  # fmt: skip
        _ask(address, TABLE)
        yield address


def _ask(url, statement):
    """The row that a statement gives; None of one that gives none."""
    with closing(psycopg.connect(url, autocommit=True)) as database:
        cursor = database.execute(statement)
        return cursor.fetchone() if cursor.description else None
