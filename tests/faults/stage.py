"""Another process that writes: prepares a newsroom's database, then edits as its desk and its members' office would.

`main` runs in `manage.py shell` with the newsroom's environment. A line of JSON in, [name, arguments]; a line of JSON
out: {"done": …} or {"failed": traceback}. What it does is committed when it answers.
"""

import json
import sys
import traceback
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.ads.models import Advertiser, Campaign, Creative
from articles.models import Article
from members.access import Audience
from members.accounts.roles import appoint
from members.models import Grant, User
from members.prompts import models as prompts
from tests.faults.words import AD, PASSWORD, PROMPT, headline, slug, text


def prepare():
    """Everything that `manage.py serve` asks for, the cast, an ad and a prompt."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    # Hashing is slow on purpose; one hash does for all.
    password = make_password(PASSWORD)
    for name in ("aram", "leyla", "nino", "guessed", "pressed"):
        user = User.objects.create(email=f"{name}@example.com", password=password, display_name=name.title())
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    appoint(_user("nino"), User.Role.EDITOR)
    give_grant("leyla")
    campaign = Campaign.objects.create(
        advertiser=Advertiser.objects.create(name="House"), name="House", starts_at=timezone.now() - timedelta(days=1)
    )
    Creative.objects.create(campaign=campaign, name="House", headline=AD, url="/join/")
    prompts.Campaign.objects.record(heading=PROMPT, text="A word from us.", button="Join us", frequency=False)


def session(name):
    """The key of a new session of somebody of the cast."""
    browser = Client()
    browser.force_login(_user(name))
    return browser.cookies["sessionid"].value


def publish(stories, early=None):
    """Publish the first editions of stories, `{name: name of its audience}`; {name: id}. early: seconds from now for
    which they are for members alone."""
    now = timezone.now()
    until = now + timedelta(seconds=early) if early else None
    drafts = [
        publishing.Draft(
            Article(headline=headline(name, 1), audience=Audience[audience], early_access_until=until), text(name, 1)
        )
        for name, audience in stories.items()
    ]
    saved = publishing.publish(drafts, at=now - timedelta(hours=2))
    return {name: article.pk for name, article in zip(stories, saved, strict=True)}


def edit(name, edition):
    """Another edition of a story: headline and text in one go."""
    article = _story(name)
    article.headline = headline(name, edition)
    publishing.save([publishing.Draft(article, text(name, edition))])


def withdraw(name):
    publishing.withdraw([_story(name)])


def terms(name, audience):
    """Change for whom a story is."""
    article = _story(name)
    article.audience = Audience[audience]
    publishing.save([publishing.Draft(article)])


def give_grant(name):
    Grant.objects.create(user=_user(name), reason="A drill", starts_at=timezone.now() - timedelta(days=1))


def take_grant(name):
    for grant in Grant.objects.running(timezone.now()).filter(user=_user(name)):
        grant.revoke()


def advertise(words):
    ad = Creative.objects.get()
    ad.headline = words
    ad.save()


def ask_to_join(words):
    variant = prompts.Variant.objects.get()
    variant.heading = words
    variant.save()


def _user(name):
    return User.objects.get(email=f"{name}@example.com")


def _story(name):
    return Article.objects.get(slug=slug(name))


DOES = {
    function.__name__: function
    for function in (
        prepare, session, publish, edit, withdraw, terms, give_grant, take_grant, advertise, ask_to_join,
    )
}  # fmt: skip


def main():
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            said = {"done": DOES[name](**arguments)}
        except Exception:
            said = {"failed": traceback.format_exc()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
