"""Where a prompt stands that an import found: on the stories that its words are about, where they name a tag."""

import pytest

from articles.models import Article, ArticleTag
from members.prompts.choose import choose
from members.prompts.models import Campaign, own_prompts
from members.prompts.running import CARD, Running
from members.visit import Subject
from tests.importing.dumps import dump, related
from tests.importing.test_dump import REAL
from tests.prompts.campaigns import NOW, visitor

pytestmark = pytest.mark.django_db

PROMPT = ("Keep the lamp lit.", "Water is what we write about.", "Join us today")
OTHER = ("Somebody has to count.", "We count the votes.", "Count on us")
MAIN, FERRY = "Council agrees on nothing", "Ferry stays in port"


def page(tags="Water, Bread", words=PROMPT):
    return dump(MAIN, prompt=words, tags=tags, stories=[related(FERRY, prompt=words)])


def later(tags="Lamp, Water"):
    return dump("The harbour is dark", prompt=PROMPT, tags=tags, body=("It was dark.",))


def shown(headline):
    """The heading that a stranger is shown on a story, None for none."""
    article = Article.objects.get(headline__startswith=headline)
    tags = frozenset(ArticleTag.objects.filter(content_object=article).values_list("tag", flat=True))
    subject = Subject(article.pk, article.language, tags=tags, prompts=tuple(own_prompts(article.pk)))
    chosen = choose(subject, visitor(), Running.load(NOW), NOW)
    assert chosen is None or chosen.campaign != CARD
    return chosen and Campaign.objects.get(pk=chosen.campaign).variants.get().heading


def test_it_stands_on_the_stories_that_its_words_are_about(import_, folder, story):
    import_(folder("page.txt", page()))
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.place, campaign.from_view) == ("running", "top", 1)
    assert list(campaign.tag_names.values()) == ["Water"]
    assert campaign.stories.count() == 2, "where it was found stays known"
    story("A spring dries up", tags=["Water"])
    assert (shown(MAIN), shown(FERRY), shown("A spring")) == (PROMPT[0], None, PROMPT[0])


def test_where_its_words_name_no_tag_it_stands_where_it_was_found(import_, folder, story):
    import_(folder("page.txt", page(tags="Bread, Trams")))
    story("Bread is dear", tags=["Bread"])
    assert (shown(MAIN), shown(FERRY), shown("Bread")) == (PROMPT[0], PROMPT[0], None)


def test_in_the_real_page_it_stands_on_azerbaijan_and_not_on_an_arrest_in_new_york(import_):
    import_(REAL)
    told = {article.headline: shown(article.headline) for article in Article.objects.all()}
    of_azerbaijan = [headline for headline, heading in told.items() if heading]
    assert len(told) == 4
    assert [headline for headline in of_azerbaijan if "Aliyev" in headline] == of_azerbaijan != []
    [arrest] = [heading for headline, heading in told.items() if "New York" in headline]
    assert arrest is None


def test_a_second_import_changes_nothing(import_, folder):
    import_(folder("page.txt", page()))
    before = Campaign.objects.values().get()
    import_(folder("page.txt", page()))
    assert Campaign.objects.values().get() == before


def test_what_a_later_page_adds_fits_it_further(import_, folder):
    import_(folder("page.txt", page(tags="Bread")))
    assert shown(FERRY) == PROMPT[0]
    import_(folder("later.txt", later()))
    assert sorted(Campaign.objects.get().tag_names.values()) == ["Lamp", "Water"]
    assert (shown(FERRY), shown("The harbour")) == (None, PROMPT[0])


def test_what_an_editor_said_of_where_it_stands_is_left_alone(import_, folder):
    import_(folder("page.txt", page(tags="Bread")))
    Campaign.objects.update(follows_import=False, include={"section": [4]}, by_story=False)
    import_(folder("later.txt", later()))
    campaign = Campaign.objects.get()
    assert (campaign.include, campaign.tag_names, campaign.by_story) == ({"section": [4]}, {}, False)


def test_an_editors_words_pause_and_measure_are_left_alone(import_, folder):
    import_(folder("page.txt", page(tags="Bread")))
    Campaign.objects.update(status="paused", place="end", from_view=3, name="Ours")
    import_(folder("later.txt", later()))
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.place, campaign.from_view, campaign.name) == ("paused", "end", 3, "Ours")


def test_a_prompt_whose_place_another_took_everywhere_stands_nowhere(import_, folder):
    import_(folder("page.txt", page()))
    import_(folder("page.txt", page(words=OTHER)))
    assert (shown(MAIN), shown(FERRY)) == (OTHER[0], OTHER[0])
    gone = Campaign.objects.get(name=PROMPT[0])
    assert (gone.include, gone.tag_names, gone.by_story) == ({}, {}, True)


def test_one_that_an_editor_aimed_stays_when_no_page_has_it_any_more(import_, folder):
    import_(folder("page.txt", page()))
    Campaign.objects.update(follows_import=False)
    import_(folder("page.txt", page(words=OTHER)))
    kept = Campaign.objects.get(name=PROMPT[0])
    assert (kept.by_story, list(kept.tag_names.values())) == (False, ["Water"])
    assert shown(FERRY) == OTHER[0]


def test_a_dry_run_makes_no_campaign(import_, folder):
    import_(folder("page.txt", page()), dry_run=True)
    assert not Campaign.objects.exists()
