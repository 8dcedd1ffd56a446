"""The language of a page, taken from its address alone: no cookie, no Accept-Language, so no Vary."""

from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils import translation

PREFIXED = {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}


def of_path(path):
    """The code of the language that an address stands under: "/ru/…" is "ru", all else the default."""
    first = path[1:].partition("/")[0]
    return first if first in PREFIXED else settings.LANGUAGE_CODE


@lru_cache(maxsize=20_000)
def address(name, language, slug=None):
    """The address of that name under the prefix of a language. Remembered, since a page holds dozens."""
    with translation.override(language):
        return reverse(name, args=[slug] if slug is not None else [])


class LanguageMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = of_path(request.path_info)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
