"""What stands below the form of a story: its authors, related stories and corrections.

These parts are checked by their formsets and written together with the story, never by themselves.
"""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles import publishing
from articles.models import Article, Byline, Correction, Related

LAST = 10_000


class KnownSelect(AutocompleteSelect):
    """An autocomplete that asks for its chosen row only where the form has not loaded it: else each line would ask."""

    known = None

    def optgroups(self, name, value, attr=None):
        if self.known is None or [str(self.known.pk)] != [str(v) for v in value]:
            return super().optgroups(name, value, attr)
        return [(None, [self.create_option(name, self.known.pk, str(self.known), True, 0)], 0)]


class PartForm(forms.ModelForm):
    """A line of a part. What is unique is seen to where the whole part is written, so that two lines may be swapped."""

    choice = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.choice in self.fields and self.instance.pk:
            self.fields[self.choice].widget.widget.known = getattr(self.instance, self.choice)

    def validate_unique(self):
        pass

    def validate_constraints(self):
        pass


class BylineForm(PartForm):
    choice = "author"
    position = forms.IntegerField(
        label=_("place"), required=False, min_value=1, max_value=LAST, widget=forms.NumberInput(attrs={"size": 3})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["position"] = self.instance.position + 1

    def clean_position(self):
        return self.cleaned_data["position"] or LAST


class RelatedForm(PartForm):
    choice = "other"

    def clean_other(self):
        if self.cleaned_data["other"].pk == self.instance.article_id and self.instance.article_id:
            raise ValidationError(_("A story is not related to itself."))
        return self.cleaned_data["other"]


def without_side_doors(field):
    """No pencil, eye or cross beside a choice: the form is about one story. A new author or section may be added."""
    if not isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        return
    field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
    if field.queryset.model is Article:
        field.widget.can_add_related = False


class StoryPart(admin.TabularInline):
    """Who may change a story may change its parts; they have no rights of their own."""

    extra = 0

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        without_side_doors(field)
        return field

    def has_view_permission(self, request, obj=None):
        return True

    def _may_write(self, request, obj):
        story_admin = self.admin_site.get_model_admin(self.parent_model)
        return story_admin.has_change_permission(request, obj) if obj else story_admin.has_add_permission(request)

    def has_add_permission(self, request, obj=None):
        return self._may_write(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._may_write(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_write(request, obj)


class BylinePart(StoryPart):
    model = Byline
    form = BylineForm
    fields = ["author", "position"]
    autocomplete_fields = ["author"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("author")


class RelatedPart(StoryPart):
    model = Related
    form = RelatedForm
    fk_name = "article"
    fields = ["other"]
    autocomplete_fields = ["other"]

    def get_queryset(self, request):
        stories = super().get_queryset(request).select_related("other")
        return stories.only("article", "position", "other__headline")


class CorrectionPart(StoryPart):
    model = Correction
    fields = ["text", "published_at"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "text":
            field.widget.attrs["rows"] = 2
        return field


def kept(formset):
    """The filled forms of a part that are not marked for deletion."""
    return [form for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]


def author_names(formset):
    """The names of the byline, in the order of their places; lines without a place come last, as they stand."""
    forms = sorted(kept(formset), key=lambda form: form.cleaned_data["position"])
    return [form.cleaned_data["author"].name for form in forms]


def corrections(formset):
    """The whole list as `publishing.Draft` takes it: (moment, text) pairs."""
    return [(form.cleaned_data["published_at"], form.cleaned_data["text"]) for form in kept(formset)]


def related_ids(formset):
    """(wanted, dropped): the ids of the stories to link, in the order of the lines; those whose link goes, a set."""
    wanted = list(dict.fromkeys(form.cleaned_data["other"].pk for form in kept(formset)))
    held = {form.initial["other"] for form in formset.initial_forms}
    return wanted, held - set(wanted)


def write_relations(article_id, formset, *, both_ways):
    """Save the lines of related stories, in their order.

    both_ways: the others shall point back. Not so for those who may not publish: the others may be live, and what
    readers see of them would change.
    """
    wanted, dropped = related_ids(formset)
    if both_ways:
        publishing.unrelate((article_id, other) for other in dropped)
        publishing.relate((article_id, other) for other in wanted)
    else:
        Related.objects.filter(article=article_id, other__in=dropped).delete()
        links = [Related(article_id=article_id, other_id=other) for other in wanted]
        Related.objects.bulk_create(links, ignore_conflicts=True)
    publishing.arrange_related(article_id, wanted)
