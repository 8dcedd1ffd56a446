"""Stripe that accepts and never answers holds some of a server's threads, and never all."""

import pytest

from members.billing import client
from newsroom.ground import bodies
from newsroom.management.commands.serve import THREADS

pytestmark = pytest.mark.django_db


def test_threads_are_left_for_readers_whatever_stripe_and_slow_senders_hold():
    assert client.AT_ONCE + bodies.AT_ONCE < THREADS


def test_who_finds_no_turn_is_told_so_and_not_held(shop, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE", 0.01)
    for _turn in range(client.AT_ONCE):
        assert client._turns.acquire(blocking=False)
    try:
        with pytest.raises(client.Unavailable):
            client.every("customers")
    finally:
        for _turn in range(client.AT_ONCE):
            client._turns.release()
    assert client.every("customers") == []


def test_where_every_turn_is_held_for_long_nobody_waits_for_one(monkeypatch):
    assert client._patience(100.0) == client.PATIENCE
    monkeypatch.setattr(client, "_waiting", {1: 97.0, 2: 99.5})
    assert client._patience(100.0) == client.PATIENCE - 0.5
    assert client._patience(130.0) == 0


def test_a_turn_is_given_back_whatever_came_of_it(shop):
    for _try in range(2 * client.AT_ONCE):
        with pytest.raises(client.Missing):
            client.ask("customers.retrieve", "cus_of_nobody")
    assert client.every("customers") == []
