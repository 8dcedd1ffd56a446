"""Prompts as the desk has them: their domain knows stories and tags by number alone, here they have names."""

from articles.desk.prompt_form import CampaignForm, VariantForm
from articles.models import Article, ArticleTag
from articles.tags.models import Tag
from members.prompts import admin
from members.prompts.reports import Named


class VariantInline(admin.VariantInline):
    form = VariantForm


class CampaignAdmin(admin.CampaignAdmin):
    form = CampaignForm
    inlines = [VariantInline]

    def stories_named(self, stories):
        """{id: `Named`} of those of the stories (ids) that are still there. Two queries."""
        tags = {}
        links = ArticleTag.objects.filter(content_object__in=stories).order_by("pk")
        for story, name in links.values_list("content_object", "tag__name"):
            tags.setdefault(story, []).append(name)
        told = Article.objects.filter(pk__in=stories).values_list("pk", "headline")
        return {pk: Named(headline, tuple(tags.get(pk, ()))) for pk, headline in told}

    def tag_names(self, campaign):
        """As a prompt's words tell them. One query."""
        tags = Tag.objects.filter(pk__in=campaign.include.get("tag", ()))
        return {str(pk): name for pk, name in tags.values_list("pk", "name")}
