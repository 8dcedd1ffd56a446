"""The reader's corner of a page: sign in and join, or one's name."""

from functools import wraps

from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from members.access import Audience
from members.reader import Reader


def corner(reader):
    """The corner's HTML for a `members.reader.Reader`. failed: a payment did, and nothing is closed yet."""
    said = {
        "known": reader.known,
        "name": reader.user.get_short_name() if reader.known else "",
        "member": reader.level >= Audience.MEMBERS,
        "desk": reader.desk,
        "failed": reader.grace_until is not None,
    }
    return render_to_string("_corner.html", {"reader": said})


def with_corner(view):
    """A view whose unrendered template responses get the corner: allauth's own context does not hold it."""

    @wraps(view)
    def framed(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            response.context_data = {**(response.context_data or {}), "corner": corner(Reader.of(request))}
        return response

    return framed
