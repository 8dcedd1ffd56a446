"""Public pictures. Nothing else under MEDIA_ROOT has an address."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

RENDITION = re.compile(r"images/[0-9a-f]{32}/(\d{1,5}\.webp|share\.jpg)", re.ASCII)
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@require_safe
def picture(request, name):
    if not RENDITION.fullmatch(name) or not default_storage.exists(name):
        raise Http404
    response = FileResponse(default_storage.open(name), content_type=TYPES[name.rpartition(".")[2]])
    # The name is made from the content: what stands behind it never changes.
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
