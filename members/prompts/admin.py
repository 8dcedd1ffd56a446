"""Membership prompts in the desk."""

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from members.prompts.models import Prompt, words_key
from newsroom.ground import counters


class PromptForm(forms.ModelForm):
    class Meta:
        model = Prompt
        fields = ["title", "text", "pitch", "button", "language", "everywhere", "active"]

    def clean(self):
        """Refuses the words of another prompt: by its words a prompt is known again when a story is imported."""
        cleaned = super().clean()
        key = words_key(*(cleaned.get(name, "") for name in ("title", "text", "pitch")))
        if Prompt.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a prompt of these words already. Change that one instead."))
        return cleaned


@admin.register(Prompt)
class PromptAdmin(admin.ModelAdmin):
    form = PromptForm
    list_display = ["title", "language", "everywhere", "active", "story_count", "shown", "created_at"]
    list_filter = ["active", "everywhere"]
    search_fields = ["title", "text", "pitch"]
    readonly_fields = ["story_count"]
    fields = ["title", "text", "pitch", "button", "language", "everywhere", "active", "story_count"]

    def get_queryset(self, request):
        return (
            super().get_queryset(request).annotate(story_count=Count("stories"), shown_count=counters.total("prompt"))
        )

    @admin.display(description=_("shown"), ordering="shown_count")
    def shown(self, prompt):
        return prompt.shown_count

    @admin.display(description=_("stories it stands in"), ordering="story_count")
    def story_count(self, prompt):
        return getattr(prompt, "story_count", 0)
