"""What a page that is being compiled says of its inserts: what it is about, and where they may stand in its story.

Desk and readers' pages ask the same functions, so that the desk's preview shows what readers get.
"""

from articles.reading import place
from members.prompts.models import PROMPTS, own_prompts
from members.prompts.running import places_in_use
from members.visit import Kind, Subject


def subject(article, tags, gated, basis):
    """The Subject of an article (fetched with its section) with these tags. gated: not everybody reads all of it."""
    basis.rests_on("prompt-story", article.pk)
    kinds = {Kind.GATED if gated else Kind.FREE} | ({Kind.AUDIO} if article.audio_terms else set())
    return Subject(
        story=article.pk,
        language=article.language,
        section=article.section_id,
        tags=frozenset(tag.pk for tag in tags),
        kinds=frozenset(kind.value for kind in kinds),
        sensitive=article.sensitive,
        prompts=tuple(own_prompts(article.pk)),
        ads=may_have_ads(article),
    )


def may_have_ads(article):
    """Whether advertisements may stand on the page of an article (fetched with its section)."""
    of_section = article.section is not None and article.section.without_ads
    return not (article.without_ads or article.sensitive or of_section)


def plan(article, shown, images, walled, basis):
    """The `place.Plan` of those blocks of an article that are shown. images: those of their figures, by id; walled: a
    wall follows."""
    words = {pk: f"{image.caption} {image.credit}".strip() for pk, image in images.items()}
    return place.lay(shown, prompts=prompt_places(basis), wall=walled, ads=may_have_ads(article), captions=words)


def prompt_places(basis):
    """Where in stories some prompt may come to stand, as `place.lay` knows places."""
    return basis.recall(("prompt-places",), _prompt_places)


def _prompt_places(basis):
    basis.rests_on(*PROMPTS)
    return places_in_use(basis.now)
