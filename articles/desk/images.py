"""The library of images: uploading, listing, and choosing one for a story."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.desk.editor import thumbnail, thumbnail_address
from articles.models import Image, ImageRefused

# Images that the chooser shows at once; more are found by their words.
SHOWN = 24


class ImageForm(forms.ModelForm):
    class Meta:
        model = Image
        fields = ["alt", "caption", "credit"]
        widgets = {"caption": admin.widgets.AdminTextareaWidget(attrs={"rows": 2})}


class UploadForm(ImageForm):
    """A new image. The same picture twice is one row, whose words stay unless new ones were typed."""

    file = forms.FileField(label=_("File"), help_text=_("JPEG, PNG, WebP or GIF, up to 30 MB."))
    already_there = False

    class Meta(ImageForm.Meta):
        fields = ["file", *ImageForm.Meta.fields]

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        newest = Image.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        try:
            self.instance = Image.objects.store(cleaned["file"])
        except ImageRefused as refusal:
            self.add_error("file", str(refusal))
            return cleaned
        self.already_there = self.instance.pk <= newest
        words = {name: cleaned[name] or getattr(self.instance, name) for name in ImageForm.Meta.fields}
        return cleaned | words


class ImageAdmin(admin.ModelAdmin):
    form = ImageForm
    list_display = ["picture", "alt", "caption", "credit", "width", "height", "created_at"]
    list_display_links = ["picture", "alt"]
    list_per_page = 50
    search_fields = ["alt", "caption", "credit"]
    show_full_result_count = False
    readonly_fields = ["picture"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = UploadForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request, obj=None):
        words = ImageForm.Meta.fields
        return ["file", *words] if obj is None else ["picture", *words]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else self.readonly_fields

    @admin.display(description=_("image"))
    def picture(self, image):
        return thumbnail(image.pk, image.alt or gettext("Image %d") % image.pk)

    def save_model(self, request, obj, form, change):
        if getattr(form, "already_there", False):
            self.message_user(request, gettext("This picture was in the library already."), messages.WARNING)
        super().save_model(request, obj, form, change)

    def get_urls(self):
        site = self.admin_site
        return [
            path("library/", site.admin_view(self.library), name="articles_image_library"),
            path("<int:pk>/thumbnail/", site.admin_view(self.thumbnail), name="articles_image_thumbnail"),
            *super().get_urls(),
        ]

    def library(self, request):
        """The newest images whose words hold ?q=, or the one with that number, as JSON for the chooser."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.get("q", "").strip()[:100]
        images = Image.objects.all()
        if query.isascii() and query.isdigit():
            images = images.filter(pk=int(query[:18]))
        elif query:
            images = images.filter(Q(alt__icontains=query) | Q(caption__icontains=query) | Q(credit__icontains=query))
        return JsonResponse({"images": [_entry(image) for image in images[:SHOWN]]})

    def thumbnail(self, request, pk):
        """The way to a small rendition, wherever the pictures are stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = get_object_or_404(Image, pk=pk)
        return HttpResponseRedirect(default_storage.url(image.path(image.widths[0])))


def _entry(image):
    return {
        "id": image.pk, "alt": image.alt, "caption": image.caption, "credit": image.credit,
        "thumbnail": thumbnail_address(image.pk),
    }  # fmt: skip
