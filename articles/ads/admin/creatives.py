"""Creatives in the desk: words, a picture of a fixed size, or HTML in a frame."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from articles.ads import places, report
from articles.ads.admin.forms import CreativeForm
from articles.ads.drawn import shown
from articles.ads.models import Creative
from articles.models import Image, ImageRefused
from newsroom.ground.models import Count


@admin.register(Creative)
class CreativeAdmin(admin.ModelAdmin):
    form = CreativeForm
    list_display = ["name", "campaign", "kind", "size_in_words", "active"]
    list_filter = ["active", "kind"]
    list_select_related = ["campaign"]
    search_fields = ["name", "headline", "text", "campaign__name"]
    readonly_fields = ["preview"]
    autocomplete_fields = ["campaign"]
    fieldsets = [
        (None, {"fields": ["campaign", "name", "active", "kind", "url", "sponsored_by"]}),
        (_("Words"), {"fields": ["headline", "text", "button"]}),
        (_("Picture"), {"fields": ["file", "alt"]}),
        (_("HTML"), {"fields": ["size", "html"]}),
        (_("What readers see"), {"fields": ["preview"]}),
    ]

    def changeform_view(self, request, *args, **kwargs):
        # Before the transaction of the form: others would wait for as long as decoding takes.
        if request.method == "POST" and "file" in request.FILES and self.has_change_permission(request):
            request.picture = _prepared(request.FILES["file"])
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.picture = getattr(request, "picture", None)
        return form

    def save_model(self, request, obj, form, change):
        if isinstance(form.picture, Image):
            obj.image = Image.objects.keep(form.picture, alt=obj.alt)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        """What was shown stays, for the numbers: it can be switched off."""
        return super().has_delete_permission(request, obj) and (obj is None or not was_shown([obj.pk]))

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One by one, where the page says whether it was shown.
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description=_("size"))
    def size_in_words(self, creative):
        return "–" if creative.size is None else f"{creative.width} × {creative.height}"

    @admin.display(description=_("as it is drawn"))
    def preview(self, creative):
        if creative.pk is None:
            return _("Save it first.")
        kind = next(
            (kind for kind in creative.campaign.kinds() if creative.size in (None, *places.SIZES[kind])),
            places.Kind.END,
        )
        return render_to_string("reading/_ad.html", {"ad": shown(creative, places.name((kind, 1)), kind)})


def was_shown(creatives):
    """Whether anything was counted of these (ids)."""
    keys = [key for pk in creatives for key in report.keys_of(pk)]
    return Count.objects.filter(series__in=report.NAMES, key__in=keys).exists()


def _prepared(file):
    try:
        return Image.objects.prepare(file)
    except ImageRefused as refusal:
        return refusal
