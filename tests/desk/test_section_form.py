"""What a section's new stories ask of readers, set in the desk."""

import pytest
from django.urls import reverse

from articles.models import Section, SectionPlan
from members.models import Plan

pytestmark = pytest.mark.django_db

ADD = reverse("admin:articles_section_add")
INQUIRIES = {
    "name": "Inquiries", "slug": "inquiries", "language": "en", "description": "", "position": "1",
    "default_audience": "2", "default_early_access_hours": "24", "default_metered": "on",
}  # fmt: skip


@pytest.fixture
def patron(db):
    return Plan.objects.create(name="Patron", slug="patron", level=20)


def page(section):
    return reverse("admin:articles_section_change", args=[section.pk])


def said():
    section = Section.objects.get()
    plans = [plan.name for plan in section.default_plans.all()]
    return section.default_audience, plans, section.default_early_access_hours, section.default_metered


def test_an_editor_says_who_may_read_the_new_stories_of_a_section(editor, patron):
    assert editor.post(ADD, INQUIRIES | {"chosen_plans": [patron.pk]}).status_code == 302
    assert said() == (2, ["Patron"], 24, True)
    open_to_all = INQUIRIES | {"default_audience": "0", "default_early_access_hours": ""}
    assert editor.post(page(Section.objects.get()), open_to_all).status_code == 302
    assert said() == (0, [], None, True)


def test_a_section_saved_untouched_keeps_its_plans(editor, patron):
    editor.post(ADD, INQUIRIES | {"chosen_plans": [patron.pk]})
    row = SectionPlan.objects.get()
    assert editor.post(page(row.section), INQUIRIES | {"chosen_plans": [patron.pk]}).status_code == 302
    assert SectionPlan.objects.get() == row


def test_plans_are_refused_where_others_than_members_may_read_and_stay_ticked(editor, patron):
    response = editor.post(ADD, INQUIRIES | {"default_audience": "1", "chosen_plans": [patron.pk]})
    assert response.status_code == 200
    html = response.content.decode()
    assert "Plans are named for what members alone may read" in html
    assert 'value="Inquiries"' in html
    assert response.context["adminform"].form["chosen_plans"].value() == [str(patron.pk)]
    assert not Section.objects.exists()


@pytest.mark.parametrize("hours", ["0", "-1", "8761", "soon"])
def test_hours_are_a_number_of_hours_within_a_year(editor, hours):
    assert editor.post(ADD, INQUIRIES | {"default_early_access_hours": hours}).status_code == 200
    assert not Section.objects.exists()


def test_an_archived_plan_is_offered_to_no_section_that_does_not_name_it(editor, patron, now):
    editor.post(ADD, INQUIRIES | {"chosen_plans": [patron.pk]})
    Plan.objects.update(archived_at=now)
    assert "Patron" in editor.get(page(Section.objects.get())).content.decode()
    assert "Patron" not in editor.get(ADD).content.decode()


def test_places_in_the_menu_are_changed_in_the_list_and_the_terms_stay(editor, patron):
    editor.post(ADD, INQUIRIES | {"chosen_plans": [patron.pk]})
    section = Section.objects.get()
    sent = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": section.pk, "form-0-position": "7", "_save": "Save",
    }  # fmt: skip
    assert editor.post(reverse("admin:articles_section_changelist"), sent).status_code == 302
    assert Section.objects.get().position == 7
    assert said() == (2, ["Patron"], 24, True)


def test_who_may_only_look_sees_the_terms_and_changes_none(reporter, editor, patron):
    editor.post(ADD, INQUIRIES | {"chosen_plans": [patron.pk]})
    section = Section.objects.get()
    assert "Patron" in reporter.get(page(section)).content.decode()
    assert reporter.post(page(section), INQUIRIES | {"default_audience": "0"}).status_code == 403
    assert said() == (2, ["Patron"], 24, True)
