"""The form of a campaign where nobody gives its tags, sections and stories names: numbers, and errors that name them."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from members.prompts.forms import CampaignForm
from members.prompts.models import Campaign
from tests.prompts.test_admin import typed

pytestmark = pytest.mark.django_db


def sent(**changes):
    return CampaignForm(typed(**changes))


def test_numbers_and_countries_are_typed_as_lists():
    aims = {"include_tag": "4, 7 4", "include_country": "ge am", "exclude_story": "9\n10;11", "read_tag": "4"}
    form = sent(**aims)
    assert form.is_valid(), form.errors
    campaign = form.save()
    assert campaign.include == {"tag": [4, 7], "country": ["GE", "AM"]}
    assert (campaign.exclude, campaign.read_tag) == ({"story": [9, 10, 11]}, 4)
    again = CampaignForm(instance=Campaign.objects.get())
    for name, told in (("include_tag", "4, 7"), ("include_country", "GE, AM"), ("exclude_story", "9, 10, 11")):
        assert f'value="{told}"' in str(again[name])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"include_tag": "4, water"}, "include_tag", "“water” is no number."),
        ({"include_tag": "0"}, "include_tag", "“0” is no number."),
        ({"include_tag": "9" * 40}, "include_tag", f"“{'9' * 40}” is no number."),
        ({"exclude_story": "²"}, "exclude_story", "“²” is no number."),
        ({"include_country": "Georgia"}, "include_country", "“Georgia” is no country: two letters, as in GE."),
        (
            {"include_kind": ["poem"]},
            "include_kind",
            "Select a valid choice. poem is not one of the available choices.",
        ),
        ({"states": ["member"]}, "states", "Select a valid choice. member is not one of the available choices."),
        ({"own_stories": "5"}, "by_story", "Tick this, or the stories named below change nothing."),
        ({"by_story": "on"}, "own_stories", "Name at least one story, or it will stand in none."),
        ({"holdback": "51"}, "holdback", "Ensure this value is less than or equal to 50."),
        ({"views_max": "7"}, "views_max", "Ensure this value is less than or equal to 6."),
        (
            {"reads_min": "5", "reads_max": "4"},
            "reads_max",
            "Nobody can have read at most fewer stories than at least.",
        ),
        ({"starts_at": "2026-12-02 08:00", "ends_at": "2026-12-01 08:00"}, "ends_at", "It ends before it starts."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes, field, said):
    with override("en"):
        assert sent(**changes).errors.get(field) == [said]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("include", ["tag"]), ("include", {"tag": 4}), ("include", {"tag": ["4"]}), ("include", {"tag": [True]}),
        ("include", {"poem": [1]}), ("include", {"story": [1]}), ("include", {"country": ["ge"]}),
        ("include", {"kind": ["poem"]}), ("exclude", {"story": [0]}), ("states", ["member"]), ("states", "lapsed"),
    ],
)  # fmt: skip
def test_the_table_itself_takes_no_other_aims(field, value):
    with pytest.raises(ValidationError) as refused:
        Campaign(name="x", **{field: value}).full_clean()
    assert list(refused.value.message_dict) == [field]
