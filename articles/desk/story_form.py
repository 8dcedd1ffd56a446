"""The form of a story. It changes nothing by itself: `draft` says what `articles.publishing` shall save."""

from django import forms
from django.contrib.admin import widgets
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import publishing
from articles.desk import terms, texts
from articles.desk.editor import BodyField, ImageWidget
from articles.models import Article, ArticleTag, Image
from members.models import Plan

FIELDS = [
    "headline", "slug", "standfirst", "section", "language", "translation_of", "image",
    "audience", "early_access_hours", "early_access_until", "metered", "audio", "without_ads", "sensitive",
    "status", "published_at", "updated_at", "source", "source_url",
]  # fmt: skip
TAG_LENGTH = 100


class ImageField(forms.ModelChoiceField):
    widget = ImageWidget
    default_error_messages = {"invalid_choice": _("The library has no such image.")}

    def __init__(self, **kwargs):
        super().__init__(Image.objects.all(), required=False, **kwargs)


class StoryForm(forms.ModelForm):
    # Set by the admin for each request.
    may_publish = False

    html = BodyField(label=_("Text"), required=False)
    tag_names = forms.CharField(
        label=_("Tags"), required=False, widget=widgets.AdminTextInputWidget,
        help_text=_("In order, with commas between them. New ones are made."),
    )  # fmt: skip
    hashtag_names = forms.CharField(
        label=_("Hashtags"), required=False, widget=widgets.AdminTextInputWidget,
        help_text=_("With spaces between them: #Dzor #RiverKar. A hashtag is another writing of a tag."),
    )  # fmt: skip
    image = ImageField(label=_("Lead image"))
    chosen_plans = terms.PlansField(
        label=_("For these plans alone"), help_text=_("None: for all members. A higher plan includes the lower ones.")
    )
    early_access_hours = forms.IntegerField(
        label=_("Members first, for hours"), required=False, min_value=0, max_value=terms.MOST_HOURS,
        help_text=_("Counted from publication."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason for the change"), required=False, max_length=200, widget=widgets.AdminTextInputWidget,
        help_text=_("A few words for the list of revisions."),
    )  # fmt: skip
    source_url = forms.URLField(
        label=_("Address at the source"), required=False, max_length=500, assume_scheme="https",
        widget=widgets.AdminURLFieldWidget,
    )  # fmt: skip
    opened_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = FIELDS
        widgets = {
            "headline": widgets.AdminTextInputWidget(attrs={"class": "headline"}),
            "standfirst": widgets.AdminTextareaWidget(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial |= self._stored()
        # Who may only look has a form without fields.
        if "chosen_plans" in self.fields:
            terms.offer(self)
        if "status" in self.fields and not self.may_publish:
            choices = self.fields["status"].choices
            self.fields["status"].choices = [choice for choice in choices if choice[0] != Article.Status.PUBLISHED]

    def _stored(self):
        links = list(ArticleTag.objects.filter(content_object=self.instance).select_related("tag"))
        return {
            "html": texts.whole(self.instance.pk),
            "tag_names": ", ".join(link.tag.name for link in links if link.listed),
            "hashtag_names": " ".join(f"#{link.hashtag}" for link in links if link.hashtag),
            "opened_version": self.instance.version,
        }

    def clean_tag_names(self):
        names = [" ".join(name.split()) for name in self.cleaned_data["tag_names"].split(",")]
        return _short([name for name in names if name])

    def clean_hashtag_names(self):
        return _short(self.cleaned_data["hashtag_names"].replace("#", " ").split())

    def clean(self):
        cleaned = super().clean()
        self._keep_moments(cleaned)
        self.as_section = terms.settle(self, cleaned)
        if self.instance.pk and cleaned.get("opened_version") != self.instance.version:
            raise ValidationError(
                _("Someone else saved this story since you opened it; the revisions show what changed."
                  " Copy what you wrote, open the story anew and put it in.")
            )  # fmt: skip
        section = cleaned.get("section")
        if section and cleaned.get("language") not in (None, section.language):
            self.add_error("section", _("This section belongs to another language than the story."))
        if cleaned.get("translation_of") and cleaned["translation_of"] == self.instance:
            self.add_error("translation_of", _("A story is no translation of itself."))
        if cleaned.get("status") == Article.Status.PUBLISHED and not cleaned.get("published_at"):
            cleaned["published_at"] = timezone.now()
        return cleaned

    def _keep_moments(self, cleaned):
        """The form shows whole seconds: what was not touched keeps its fractions, and with them its place in lists."""
        for name in {"published_at", "updated_at", "early_access_until"} & (cleaned.keys() - set(self.changed_data)):
            cleaned[name] = getattr(self.instance, name)

    def draft(self, *, authors=None, corrections=None):
        """The checked form as a `publishing.Draft`. authors and corrections come from the parts below the form."""
        cleaned, changed = self.cleaned_data, set(self.changed_data)
        return publishing.Draft(
            self.instance,
            html=cleaned["html"],
            tags=cleaned["tag_names"] if "tag_names" in changed else None,
            hashtags=cleaned["hashtag_names"] if "hashtag_names" in changed else None,
            authors=authors,
            corrections=corrections,
            plans=[plan.pk for plan in cleaned["chosen_plans"]] if "chosen_plans" in changed else None,
            as_section=self.as_section,
        )

    def rehearsed(self):
        """(article, ranks of its plans) as the form would have it saved, valid or not, as far as it is cleaned: for
        telling who would read it. Saves nothing."""
        draft = publishing.Draft(self.instance, html=self.cleaned_data.get("html"), as_section=self.as_section)
        if "chosen_plans" in self.cleaned_data:
            draft.plans = [plan.pk for plan in self.cleaned_data["chosen_plans"]]
        publishing.rehearse(draft)
        named = Plan.objects.filter(pk__in=draft.plans) if draft.plans is not None else None
        return draft.article, draft.article.ranks if named is None else frozenset(plan.rank for plan in named)


def _short(names):
    for name in names:
        if len(name) > TAG_LENGTH:
            raise ValidationError(
                gettext("“%(name)s” is over %(length)d letters long.") % {"name": name[:40] + "…", "length": TAG_LENGTH}
            )
    return names
