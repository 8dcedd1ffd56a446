"""Where mail goes: a server, or a service that is named by its own kind of address."""

import pytest
from anymail.backends import base
from django.core.mail import EmailMultiAlternatives, get_connection

from newsroom.mail import SERVICES, settings_of

ADDRESSES = {
    "mailgun": "mailgun://pangolin@mg.example.com?region=eu",
    "postmark": "postmark://pangolin@",
    "mailersend": "mailersend://pangolin@",
    "mailjet": "mailjet://pangolin:secret@",
    "sparkpost": "sparkpost://pangolin@?region=eu",
    "brevo": "brevo://pangolin@",
    "resend": "resend://pangolin@",
    "scaleway": "scaleway://pangolin:project@",
}


class NothingIsSent(Exception):
    pass


def test_every_service_is_tried():
    # Amazon's needs a package that is not installed here.
    assert {*ADDRESSES, "amazon-ses"} == set(SERVICES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_mail_of_ours_is_one_that_the_service_takes(settings, monkeypatch, name):
    """Headers, both forms and the wish not to track: all is understood, up to the moment at which it would be sent."""
    asked = []

    def post(backend, payload, message):
        asked.append(payload.get_request_params(backend.api_url))
        raise NothingIsSent

    for setting, value in settings_of(ADDRESSES[name]).items():
        setattr(settings, setting, value)
    backend = get_connection(settings.EMAIL_BACKEND)
    assert isinstance(backend, base.AnymailBaseBackend)
    monkeypatch.setattr(type(backend), "post_to_esp", post)
    headers = {"Message-ID": "<1@example.com>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMultiAlternatives("Hello", "Plain words", to=["leyla@example.com"], headers=headers)
    message.attach_alternative("<p>Plain words</p>", "text/html")
    with pytest.raises(NothingIsSent):
        backend.send_messages([message])
    assert "pangolin" in str(asked) + str(vars(backend))
    assert "leyla@example.com" in str(asked)


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_service_is_asked_to_track_readers(name):
    """Of those that cannot be told, tracking is the operator's own choice there, as the README says."""
    told = settings_of(ADDRESSES[name])["ANYMAIL"]
    wished = {"track_clicks": False, "track_opens": False} if SERVICES[name].is_told else None
    assert told.get("SEND_DEFAULTS") == wished


@pytest.mark.parametrize(
    "url",
    [
        "mailgun://pangolin@", "mailgun://mg.example.com", "mailgun://pangolin@mg.example.com?region=mars",
        "mailgun://pangolin@mg.example.com?region", "mailgun://pangolin@mg.example.com?colour=red",
        "postmark://", "postmark://pangolin:word@", "postmark://pangolin@/path", "mailjet://pangolin@", "brevo://[",
        "amazon-ses://", "pigeon://pangolin@loft", "smtp://pangolin:word@h:abc",
    ],
)  # fmt: skip
def test_an_address_that_lacks_something_is_refused_in_words_that_tell_nothing_of_it(url):
    with pytest.raises(ValueError) as refused:
        settings_of(url)
    assert "pangolin" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_mail_server_is_named_as_ever():
    told = settings_of("submission://user:word@mail.example.com:587")
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"], told["EMAIL_USE_TLS"]) == ("mail.example.com", 587, True)
