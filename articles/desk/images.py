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
from newsroom.ground.numbers import row_number

# Images that the chooser shows at once; more are found by their words.
SHOWN = 24


class ImageForm(forms.ModelForm):
    class Meta:
        model = Image
        fields = ["alt", "caption", "credit"]
        widgets = {"caption": admin.widgets.AdminTextareaWidget(attrs={"rows": 2})}


class UploadForm(ImageForm):
    """A new image. The same picture twice is one row, whose words stay unless new ones were typed."""

    # Set by the admin for each request: the prepared `Image`, or the ImageRefused that came instead.
    picture = None

    file = forms.FileField(label=_("File"), help_text=_("JPEG, PNG, WebP or GIF, up to 30 MB."))

    class Meta(ImageForm.Meta):
        fields = ["file", *ImageForm.Meta.fields]

    def clean(self):
        if isinstance(self.picture, Image):
            self.instance = self.picture
        elif "file" not in self.errors:
            self.add_error("file", str(self.picture))
        return super().clean()

    @property
    def already_there(self):
        return self.picture.pk is not None

    @property
    def typed(self):
        return {name: self.cleaned_data[name] for name in ImageForm.Meta.fields if self.cleaned_data[name]}

    def keep(self):
        """The stored row of the picture: a new one with the words typed, or the one that was there as it was."""
        return Image.objects.keep(self.picture, **({} if self.already_there else self.typed))


class ImageAdmin(admin.ModelAdmin):
    form = ImageForm
    list_display = ["picture", "alt", "caption", "credit", "width", "height", "created_at"]
    list_display_links = ["picture", "alt"]
    list_per_page = 50
    search_fields = ["alt", "caption", "credit"]
    show_full_result_count = False
    readonly_fields = ["picture"]

    def changeform_view(self, request, *args, **kwargs):
        # Before the transaction of the form: others would wait for as long as decoding takes.
        if request.method == "POST" and "file" in request.FILES and self.has_add_permission(request):
            request.picture = _prepared(request.FILES["file"])
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = UploadForm
        form = super().get_form(request, obj, change=change, **kwargs)
        form.picture = getattr(request, "picture", None)
        return form

    def get_fields(self, request, obj=None):
        words = ImageForm.Meta.fields
        return ["file", *words] if obj is None else ["picture", *words]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else self.readonly_fields

    @admin.display(description=_("image"))
    def picture(self, image):
        return thumbnail(image.pk, image.alt or gettext("Image %d") % image.pk)

    def save_form(self, request, form, change):
        image = super().save_form(request, form, change)
        return image if change else form.keep()

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        elif form.already_there:
            self.message_user(request, gettext("This picture was in the library already."), messages.WARNING)
            # Stories may show it: its words are changed only by those who may change them on its own page.
            if self.has_change_permission(request, obj):
                vars(obj).update(form.typed)
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
        # No database holds the letter NUL.
        query = request.GET.get("q", "").replace("\0", " ").strip()[:100]
        number = row_number(query)
        images = Image.objects.all()
        if number is not None:
            images = images.filter(pk=number)
        elif query:
            images = images.filter(Q(alt__icontains=query) | Q(caption__icontains=query) | Q(credit__icontains=query))
        return JsonResponse({"images": [_entry(image) for image in images[:SHOWN]]})

    def thumbnail(self, request, pk):
        """The way to a small rendition, wherever the pictures are stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = get_object_or_404(Image, pk=pk)
        return HttpResponseRedirect(default_storage.url(image.path(image.widths[0])))


def _prepared(file):
    try:
        return Image.objects.prepare(file)
    except ImageRefused as refusal:
        return refusal


def _entry(image):
    return {
        "id": image.pk, "alt": image.alt, "caption": image.caption, "credit": image.credit,
        "thumbnail": thumbnail_address(image.pk),
    }  # fmt: skip
