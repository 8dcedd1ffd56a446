"""What a serving process does every second goes on, whatever fails, and ends in order."""

import logging
import threading

import pytest
from django.db import OperationalError

from newsroom.ground import beat
from newsroom.ground.beat import Beat
from tests.ground.scripts import run

PATIENCE = 20  # seconds, for what should take a moment


class Tick:
    """Called by a beat; `wait(n)` waits until it has been n times. It raises the errors of `failing`, one a time."""

    def __init__(self, *failing):
        self.times, self.threads = 0, set()
        self._failing = list(failing)
        self._called = threading.Condition()

    def __call__(self):
        with self._called:
            self.times += 1
            self.threads.add(threading.current_thread())
            self._called.notify_all()
            error = self._failing.pop(0) if self._failing else None
        if error:
            raise error

    def wait(self, times):
        with self._called:
            assert self._called.wait_for(lambda: self.times >= times, timeout=PATIENCE), "the beat has stopped"


def stop(running):
    """Stop a beat in a thread of its own: it closes the connections of whoever stops it."""
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()


@pytest.fixture
def start(monkeypatch):
    """start(tick, …) is a beat that runs fast, and ends with the test."""
    monkeypatch.setattr(beat, "EVERY", 0.001)
    beats = []

    def begin(*ticks, last=()):
        beats.append(Beat(*ticks, last=last))
        beats[-1].start()
        return beats[-1]

    yield begin
    for one in beats:
        stop(one)


def messages(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "newsroom"]


def test_ticks_are_called_again_and_again_in_a_thread_of_their_own(start):
    first, second = Tick(), Tick()
    start(first, second)
    first.wait(3)
    second.wait(3)
    assert len(first.threads) == 1
    assert first.threads == second.threads != {threading.current_thread()}


def test_the_first_tick_comes_at_once_and_the_next_a_second_later(monkeypatch):
    assert beat.EVERY == 1
    monkeypatch.setattr(beat, "EVERY", 3600)
    tick = Tick()
    slow = Beat(tick)
    slow.start()
    tick.wait(1)
    stop(slow)
    assert tick.times == 1
    assert not slow._thread.is_alive(), "whoever stops it need not wait for the next second"


def test_a_tick_that_fails_ends_nothing_and_keeps_no_other_from_its_turn(start, caplog):
    failing, other = Tick(ValueError("one"), KeyError("two")), Tick()
    running = start(failing, other)
    other.wait(4)
    stop(running)
    assert failing.times == other.times
    told = [record for record in caplog.records if record.name == "newsroom"]
    assert [record.exc_info[0] for record in told] == [ValueError, KeyError]


def test_a_database_that_is_away_is_told_once_and_its_return_once(start, caplog):
    caplog.set_level(logging.INFO, "newsroom")
    tick = Tick(*[OperationalError("the password is open sesame")] * 3)
    start(tick)
    tick.wait(6)
    assert [message.split(".")[0] for message in messages(caplog)] == [
        "The database cannot be reached: OperationalError",
        "The database can be reached again",
    ]
    assert "sesame" not in caplog.text


def test_a_database_that_is_away_twice_is_told_twice(start, caplog):
    tick = Tick(OperationalError(), None, OperationalError())
    start(tick)
    tick.wait(5)
    assert len(messages(caplog)) == 4


def test_the_last_things_are_done_once_after_the_last_tick(start):
    tick, last = Tick(), Tick()
    running = start(tick, last=[last])
    tick.wait(2)
    assert last.times == 0
    stop(running)
    done = tick.times
    stop(running)
    assert last.times == 1
    assert not running._thread.is_alive()
    assert tick.times == done


def test_the_last_things_may_fail(start, caplog):
    after = Tick()
    stop(start(Tick(), last=[Tick(ValueError("x")), after]))
    stop(start(Tick(), last=[Tick(OperationalError())]))
    assert after.times == 1
    assert len(messages(caplog)) == 2


def test_a_forked_process_has_a_beat_of_its_own_and_one_that_was_stopped_has_none():
    script = """
        from newsroom.ground import beat

        beat.EVERY = 0.001
        ticked = threading.Event()
        running = beat.Beat(ticked.set)
        running.start()
        stopped = beat.Beat(lambda: None)
        stopped.start()
        stopped.stop()

        def child():
            ticked.clear()
            assert ticked.wait(10), "no beat"
            print(*sorted(thread.name for thread in threading.enumerate()))
            running.stop()
            print(threading.active_count())

        fork(child)
        ticked.clear()
        assert ticked.wait(10), "the parent's goes on"
        running.stop()
        """
    assert run(script) == ["MainThread beat", "1"]


def test_the_last_things_are_done_when_a_process_ends():
    script = """
        from newsroom.ground import beat

        beat.Beat(lambda: None, last=[lambda: print("last")]).start()
        """
    assert run(script) == ["last"]
