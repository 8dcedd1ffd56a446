"""What the desk's tests share: an editor, one who may not publish, and the fields of a story's form."""

import io

import pytest
from django.urls import reverse
from PIL import Image as Picture

from articles.models import Image
from members.models import User
from tests.desk.people import with_role

PARTS = ("bylines", "relations", "corrections")


@pytest.fixture
def editor(as_):
    """A browser of someone who edits and publishes, and owns nothing."""
    return as_(with_role("editor@example.com"))


@pytest.fixture
def reporter(as_):
    """A browser of someone who writes and may not publish."""
    return as_(with_role("reporter@example.com", User.Role.REPORTER))


@pytest.fixture
def fields():
    """fields(headline="…", bylines=[{…}]) is what a browser would send for a story's form."""

    def build(*, bylines=(), relations=(), corrections=(), **given):
        sent = {
            "headline": "Snow closes the pass",
            "language": "en",
            "status": "draft",
            "audience": "0",
            "audio": "off",
        }
        sent |= given
        for prefix, rows in zip(PARTS, (bylines, relations, corrections), strict=True):
            sent |= _part(prefix, rows)
        return {name: value for name, value in sent.items() if value is not None}

    return build


def _part(prefix, rows):
    held = sum("id" in row for row in rows)
    sent = {
        f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": held,
        f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


@pytest.fixture
def form_of():
    """form_of(client, story) is what the story's form would send when nothing is touched."""

    def read(client, story):
        response = client.get(reverse("admin:articles_article_change", args=[story.pk]))
        assert response.status_code == 200
        sent = _values(response.context["adminform"].form)
        for part in response.context["inline_admin_formsets"]:
            sent |= _values(part.formset.management_form)
            for form in part.formset.initial_forms:
                sent |= _values(form)
        return sent

    return read


def _values(form):
    sent = {}
    for bound in form:
        value = bound.value()
        names = [bound.html_name]
        if isinstance(value, list):
            sent |= {bound.html_name: [str(one) for one in value]} if value else {}
            continue
        if hasattr(bound.field.widget, "decompress"):
            names = [f"{bound.html_name}_{number}" for number in (0, 1)]
            value = [str(part or "") for part in bound.field.widget.decompress(value)]
        for name, part in zip(names, value if len(names) > 1 else [value], strict=True):
            if part is not None and part is not False:
                sent[name] = str(part)
    return sent


@pytest.fixture
def jpeg():
    """jpeg(colour) is a small picture in an open file."""

    def make(colour="teal", size=(600, 400)):
        made = io.BytesIO()
        Picture.new("RGB", size, colour).save(made, "JPEG")
        made.seek(0)
        made.name = "river.jpg"
        return made

    return make


@pytest.fixture
def picture(db, jpeg):
    return Image.objects.store(jpeg(), alt="The river in flood", credit="Nino")
