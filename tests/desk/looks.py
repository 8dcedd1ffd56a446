"""Readers described for the desk's question why, stories long enough for advertisements, and prompts."""

from django.http import QueryDict

from articles.desk import why
from articles.desk.described import Counted, VisitorForm, described
from articles.desk.plan import planned
from articles.models import Article
from members.prompts.models import Campaign, Variant

LONG = ("<p>" + "The river rose in the night and the bridge held. " * 12 + "</p>") * 12


def form(query="", **counted):
    return VisitorForm.asked(QueryDict(query), counted=Counted(**counted))


def visitor(query="", **counted):
    made = form(query, **counted)
    assert made.is_valid(), made.errors
    return described(made.cleaned_data)


def told(article, query=""):
    """The Told of a described reader."""
    inserts = why.held()
    made = VisitorForm.asked(QueryDict(query), counted=why.counted(inserts))
    assert made.is_valid(), made.errors
    looks = described(made.cleaned_data)
    return why.told(planned(Article.objects.get(pk=article.pk), looks.reader), looks, inserts)


def prompt(name="Join us", place="end", variants=("A",), **fields):
    """A campaign that runs for everybody and without measure, unless the fields say otherwise."""
    usual = {"status": "running", "from_view": 1, "frequency": False}
    campaign = Campaign.objects.create(name=name, place=place, **usual | fields)
    for variant in variants:
        Variant.objects.create(campaign=campaign, name=variant, heading=f"{name}, {variant}", text="Please.")
    return campaign
