"""Every page of accounts that a reader can meet: whole, in the site's frame, and not kept by anyone."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.accounts import links, urls
from members.models import Grant
from tests.conftest import PASSWORD
from tests.members.factors import just_signed_in

pytestmark = pytest.mark.django_db

FOR_STRANGERS = [
    "join",
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
]
FOR_READERS = [
    "join",
    "account",
    "account_logout",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "account_reset_password",
]
WELL_FORMED = re.compile(r"<h1>[^<]+</h1>")


def check(response):
    page = response.content.decode()
    assert response.status_code == 200
    assert len(WELL_FORMED.findall(page)) == 1
    assert "The Test Courier</title>" in page
    assert "no-store" in response["Cache-Control"]
    assert " style=" not in page
    assert "<script" not in page
    for name in re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page):
        assert f'<label for="{name}">' in page
    for described in re.findall(r'aria-describedby="([^"]+)"', page):
        for name in described.split():
            assert f'id="{name}"' in page
    assert "placeholder=" not in page
    return page


@pytest.mark.parametrize("name", FOR_STRANGERS)
@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_a_stranger_gets_a_whole_page(stranger, name, prefix):
    page = check(stranger.get(prefix + reverse(name)))
    assert reverse("account_login") in page


@pytest.mark.parametrize("name", FOR_READERS)
def test_a_reader_gets_a_whole_page_with_the_name_in_its_corner(as_, aram, name):
    page = check(as_(aram).get(reverse(name)))
    assert f'<a href="{reverse("account")}">Aram</a>' in page


def test_errors_are_said_beside_their_fields(stranger):
    page = check(stranger.post(reverse("account_signup"), {"email": "no address", "password1": "short"}))
    assert page.count('<ul class="errorlist"') == 2


def test_an_account_without_a_password_sets_one(as_, aram):
    aram.set_unusable_password()
    aram.save()
    check(just_signed_in(as_(aram)).get(reverse("account_set_password")))


def test_a_used_or_broken_link_says_what_to_do(stranger, aram):
    address = reverse("account_reset_password_from_key", args=[links.name_of(aram), "set-password"])
    page = check(stranger.get(address))
    assert reverse("account_reset_password") in page


def test_every_address_of_allauths_shows_a_page_of_ours_or_leads_to_one(as_, aram):
    framed = [pattern.name for pattern in urls.urlpatterns[-1].url_patterns]
    assert {"account_login", "account_email", "account_logout"} <= set(framed)
    for name in framed:
        if name == "account_reset_password_from_key":
            continue
        for user in (None, aram):
            response = as_(user).get(reverse(name), follow=True)
            if response.redirect_chain[-1:] != [(reverse("front"), 302)]:
                check(response)


def test_a_reader_without_membership_is_told_so(as_, aram):
    page = as_(aram).get(reverse("account")).content.decode()
    assert "aram@example.com" in page
    assert reverse("join") in page


def test_a_member_sees_until_when(as_, leyla):
    browser = as_(leyla)
    assert "without an end" in browser.get(reverse("account")).content.decode()
    leyla.grants.update(ends_at=datetime(2099, 3, 1, 12, tzinfo=UTC))
    Grant.objects.create(user=leyla, reason="shorter", ends_at=datetime.now(UTC) + timedelta(days=3))
    assert "Member until 1 March 2099" in browser.get(reverse("account")).content.decode()


def test_a_grant_that_was_ended_no_longer_counts(as_, leyla):
    leyla.grants.get().revoke()
    assert "Member" not in re.findall(r"<dd>(.*?)</dd>", as_(leyla).get(reverse("account")).content.decode(), re.S)[-1]


def test_who_is_not_signed_in_is_asked_to_and_comes_back(stranger):
    assert stranger.get(reverse("account")).url == f"{reverse('account_login')}?next={reverse('account')}"


def test_only_the_desk_is_shown_the_way_to_the_desk(as_, aram, nino):
    assert "/admin/" in as_(nino).get(reverse("account")).content.decode()
    assert "/admin/" not in as_(aram).get(reverse("account")).content.decode()


def test_join_says_to_a_stranger_what_to_do_first(stranger):
    page = stranger.get(reverse("join")).content.decode()
    assert f"{reverse('account_signup')}?next=%2Fjoin%2F" in page
    assert "members@localhost" in page


STORY = "/articles/the-mill-road-reopens/?from=wall#p4"


def test_who_comes_to_join_from_a_story_goes_back_to_it(stranger, aram):
    EmailAddress.objects.create(user=aram, email=aram.email, verified=True, primary=True)
    page = stranger.get(f"{reverse('join')}?{urlencode({'next': STORY})}").content.decode()
    doors = [html.unescape(href) for href in re.findall(r'href="([^"]*/accounts/[^"]*\?next=[^"]*)"', page)]
    assert [urlsplit(door).path for door in doors] == [reverse("account_signup"), reverse("account_login")]
    for door in doors:
        assert stranger.get(door).context["redirect_field_value"] == STORY
    back = parse_qs(urlsplit(doors[1]).query)["next"][0]
    signed_in = stranger.post(reverse("account_login"), {"login": aram.email, "password": PASSWORD, "next": back})
    assert signed_in.url == STORY


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_join_leads_nobody_elsewhere(stranger, as_, leyla, elsewhere):
    for browser in (stranger, as_(leyla)):
        page = browser.get(reverse("join"), {"next": elsewhere}).content.decode()
        assert "evil" not in page
        assert "alert(1)" not in page


def test_a_member_reads_on_where_the_story_was(as_, leyla):
    page = as_(leyla).get(reverse("join"), {"next": STORY}).content.decode()
    assert f'<a class="button" href="{STORY}">' in page


def test_join_asks_a_registered_reader_to_write(as_, aram):
    page = as_(aram).get(reverse("join")).content.decode()
    assert "mailto:members@localhost" in page
    assert reverse("account_signup") not in page


def test_join_asks_nothing_of_a_member(as_, leyla):
    page = as_(leyla).get(reverse("join")).content.decode()
    assert "You are a member" in page
    assert "mailto:" not in page


@pytest.mark.parametrize("name", ["account", "join"])
def test_these_pages_are_only_read(as_, aram, name):
    assert as_(aram).post(reverse(name)).status_code == 405


def test_pages_cost_few_queries(as_, leyla, stranger, serving, django_assert_max_num_queries):
    # The plans on offer.
    with django_assert_max_num_queries(1):
        stranger.get(reverse("join"))
    browser = as_(leyla)
    # The session, the account, its grants, the grant that runs longest, and the membership that is paid for.
    with django_assert_max_num_queries(5):
        browser.get(reverse("account"))
