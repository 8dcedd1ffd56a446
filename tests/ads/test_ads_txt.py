"""/ads.txt: edited in the desk, checked line by line, and served as it was checked."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from articles.ads import ads_txt
from articles.ads.models import Sellers

pytestmark = pytest.mark.django_db

GOOD = """# Who sells for us
google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0
  rubiconproject.com , 12345,reseller  # by way of a partner
openx.com, 54-32_1, DIRECT; and more that later versions may say

CONTACT=ads@news.example.com
contact = https://news.example.com/advertise/
SUBDOMAIN=sport.news.example.com
INVENTORYPARTNERDOMAIN=partner.example.org
OWNERDOMAIN=publisher.example
MANAGERDOMAIN=manager.example, GE
MANAGERDOMAIN=other.example
xn--80ak6aa92e.com, 1, DIRECT
"""


def said(text):
    return [(one.line, str(one.words)) for one in ads_txt.problems(text)]


def test_what_the_standard_allows_is_taken():
    assert said(GOOD) == []
    assert said("") == []
    assert said(GOOD.replace("\n", "\r\n")) == []


# A line that is wrong -> a word of what is said of it.
HOSTILE = {
    "<script>alert(1)</script>": "no domain",
    "google.com": "three fields",
    "google.com, pub-1": "three fields",
    "google.com pub-1 DIRECT": "no domain",
    "google.com, pub-1, BOTH": "DIRECT or RESELLER",
    "google.com, pub-1, DIRECT, f08c, more": "four fields",
    "google.com, pub-1, DIRECT, not-an-id!": "fourth field",
    "google.com, , DIRECT": "account",
    "google.com, pub 1, DIRECT": "account",
    "https://google.com, pub-1, DIRECT": "no domain",
    "google.com/, pub-1, DIRECT": "no domain",
    "localhost, 1, DIRECT": "no domain",
    "-google.com, 1, DIRECT": "no domain",
    "google..com, 1, DIRECT": "no domain",
    "gооgle.com, 1, DIRECT": "no domain",
    "192.168.0.1, 1, DIRECT": "no domain",
    "a" * 300 + ".com, 1, DIRECT": "no domain",
    "x" * 600: "too long",
    "google.com, 1\u202e, DIRECT": "cannot be seen",
    "google.com,\u00a01, DIRECT": "cannot be seen",
    "google.com, 1\x00, DIRECT": "cannot be seen",
    "goog\u200ble.com, 1, DIRECT": "cannot be seen",
    "FOO=bar": "no such variable",
    "CONTACT=": "nothing after",
    "SUBDOMAIN=https://sport.example.com": "no domain",
    "OWNERDOMAIN=publisher.example, GE": "MANAGERDOMAIN",
    "MANAGERDOMAIN=manager.example, Georgia": "MANAGERDOMAIN",
    "=": "no domain",
    ",,,": "no domain",
}


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: ascii(line)[:40])
def test_what_is_wrong_is_told_with_its_line_and_a_remedy(line):
    found = said(f"google.com, 1, DIRECT\n\n{line}\nopenx.com, 2, DIRECT")
    assert [number for number, _words in found] == [3]
    assert HOSTILE[line] in found[0][1]


def test_a_line_that_stands_there_twice_and_a_second_owner_are_told():
    assert [number for number, _words in said("a.com, 1, DIRECT\nb.com, 1, DIRECT\nA.com, 1, direct")] == [3]
    found = said("OWNERDOMAIN=a.example\nOWNERDOMAIN=b.example")
    assert found == [(2, "OWNERDOMAIN stands in one line only. Leave the other one out.")]


def test_a_file_without_end_is_not_looked_through():
    found = said("a.com, 1, DIRECT\n" * (ads_txt.LINES_MAX + 1))
    assert len(found) == 1
    assert "too many lines" in found[0][1]


def test_the_desk_refuses_a_wrong_line_by_its_number(nino, as_):
    row = Sellers.objects.create(pk=1)
    with pytest.raises(ValidationError, match="Line 2: This is no domain"):
        Sellers(text="a.com, 1, DIRECT\nnothing").full_clean()
    path = reverse("admin:ads_sellers_change", args=[row.pk])
    page = as_(nino).post(path, {"text": "a.com, 1, DIRECT\n<b>"}).content.decode()
    assert "Line 2: This is no domain" in page
    assert as_(nino).post(path, {"text": "a.com, 1, DIRECT\n"}).status_code == 302
    assert Sellers.objects.get().text.split() == ["a.com,", "1,", "DIRECT"]


def test_of_a_thousand_wrong_lines_the_first_are_told():
    with pytest.raises(ValidationError) as refusal:
        Sellers(text="\n".join(f"wrong {number}" for number in range(1000))).full_clean()
    assert len(refusal.value.message_dict["text"]) == 20


def test_it_is_served_as_plain_text_and_may_be_held_for_a_while(stranger):
    Sellers.objects.create(text="  # Ours\r\na.com, 1, DIRECT  \r\n")
    response = stranger.get("/ads.txt")
    assert response.content == b"# Ours\na.com, 1, DIRECT\n"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("text", [None, "", " \n "])
def test_while_it_is_empty_there_is_no_such_file(stranger, text):
    if text is not None:
        Sellers.objects.create(text=text)
    assert stranger.get("/ads.txt").status_code == 404
