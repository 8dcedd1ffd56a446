"""What the desk edits beside stories, images and sections: authors, tags, advertisements."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from articles.desk import prompts
from articles.desk.images import ImageAdmin
from articles.desk.sections import SectionAdmin
from articles.desk.stories import StoryAdmin
from articles.models import Article, Author, Image, Section
from articles.tags.models import Tag, fold
from members.prompts.models import Campaign

admin.site.register(Article, StoryAdmin)
admin.site.register(Image, ImageAdmin)
admin.site.register(Section, SectionAdmin)
# Prompts are no domain of the desk's, and have their names from it.
admin.site.unregister(Campaign)
admin.site.register(Campaign, prompts.CampaignAdmin)


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    show_full_result_count = False


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name", "slug", "description"]
        help_texts = {"slug": _("Blank: made from the name.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Who may only look at a tag has a form without fields.
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if twin := Tag.objects.filter(key=fold(name)).exclude(pk=self.instance.pk).first():
            raise ValidationError(_("This is another writing of the tag “%(name)s”."), params={"name": twin.name})
        return name

    def clean_slug(self):
        slug = self.cleaned_data["slug"] or self.instance.slug
        if not slug and not slugify(self.cleaned_data.get("name", ""), allow_unicode=True):
            raise ValidationError(self.fields["slug"].error_messages["required"])
        return slug


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    form = TagForm
    list_display = ["name", "slug", "description"]
    search_fields = ["name"]
    show_full_result_count = False
