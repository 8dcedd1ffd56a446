"""Prompts as the desk has them: their domain knows stories and tags by number alone, here they have names."""

from articles.desk.prompt_form import CampaignForm, VariantForm
from articles.tags.models import Tag
from members.prompts import admin


class VariantInline(admin.VariantInline):
    form = VariantForm


class CampaignAdmin(admin.CampaignAdmin):
    form = CampaignForm
    inlines = [VariantInline]

    def tag_names(self, campaign):
        """As a prompt's words tell them. One query."""
        tags = Tag.objects.filter(pk__in=campaign.include.get("tag", ()))
        return {str(pk): name for pk, name in tags.values_list("pk", "name")}
