"""What is sealed is read by nobody without the keys."""

import pytest

from newsroom.ground.seal import Broken, opened, sealed


def test_what_was_sealed_is_opened_and_cannot_be_read():
    told = sealed("to the mill, ქართული", "a test")
    assert "mill" not in told
    assert opened(told, "a test") == "to the mill, ქართული"


def test_it_is_never_sealed_alike_twice():
    assert sealed("word", "a test") != sealed("word", "a test")


def test_nothing_passes_for_something_else():
    told = sealed("word", "a test")
    for odd in (told[:-4], told[:20] + "A" + told[21:], "", "ქ", "{}"):
        with pytest.raises(Broken):
            opened(odd, "a test")
    with pytest.raises(Broken, match="another purpose"):
        opened(told, "another purpose")


def test_a_key_of_before_still_reads(settings):
    told = sealed("word", "a test")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " + "k" * 50
    assert opened(told, "a test") == "word"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Broken):
        opened(told, "a test")
