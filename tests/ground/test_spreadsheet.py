"""Tables that are safe to open."""

import pytest

from newsroom.ground.spreadsheet import cell, written


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(0)"])
def test_no_text_is_run_as_a_formula(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [("a=b", "a=b"), (-5, "-5"), (None, ""), (True, "True"), ("", "")])
def test_all_else_stays_as_it_is(value, text):
    assert cell(value) == text


def test_rows_with_different_columns_make_one_table():
    assert written([{"a": 1}, {"b": "x,y", "a": None}]) == 'a,b\r\n1,\r\n,"x,y"\r\n'
