"""By which prompt somebody came who signs up: counted once the account is made, and kept nowhere."""

from functools import partial
from urllib.parse import parse_qs, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.db import transaction
from django.utils import timezone

from members import habits, trail


def count_sign_up(request):
    """Count the account that a sign-up form's request makes, if it stands in the end: for the prompt by which its
    reader came to /join/, whither the form leads back, and for what the browser was shown or held back from."""
    going = parse_qs(urlsplit(get_next_redirect_url(request) or "").query)
    came = trail.of_source(going.get("source", [""])[0])
    whole = trail.with_habits(came, habits.of(request, timezone.now()))
    transaction.on_commit(partial(trail.count, whole, trail.SIGN_UP))
