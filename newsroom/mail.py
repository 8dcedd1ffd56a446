"""EMAIL_URL: a mail server, or one of the services that send mail by their own ways (by django-anymail). Without
Django, which is not there yet."""

from importlib.util import find_spec
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import dj_email_url

from newsroom.environment import stop

SERVERS = "submission://USER:PASSWORD@HOST:587 or smtp://HOST:25"
# No service counts who opens a mail or follows its links.
UNTRACKED = {"track_clicks": False, "track_opens": False}


class Service(NamedTuple):
    """backend: its module in anymail; form: how its address is written; parts: which part of the address is which of
    anymail's settings; regions: {name: settings}; is_told: whether it can be told not to track, else that is switched
    off in its own console."""

    backend: str
    form: str
    parts: dict
    regions: dict = {}
    is_told: bool = True


SERVICES = {
    "mailgun": Service(
        "mailgun", "mailgun://KEY@DOMAIN, with ?region=eu where it is there",
        {"username": "MAILGUN_API_KEY", "hostname": "MAILGUN_SENDER_DOMAIN"},
        {"eu": {"MAILGUN_API_URL": "https://api.eu.mailgun.net/v3"}},
    ),
    "postmark": Service("postmark", "postmark://TOKEN@", {"username": "POSTMARK_SERVER_TOKEN"}),
    "mailersend": Service("mailersend", "mailersend://TOKEN@", {"username": "MAILERSEND_API_TOKEN"}),
    "mailjet": Service(
        "mailjet", "mailjet://KEY:SECRET@", {"username": "MAILJET_API_KEY", "password": "MAILJET_SECRET_KEY"}
    ),
    "sparkpost": Service(
        "sparkpost", "sparkpost://KEY@, with ?region=eu where it is there", {"username": "SPARKPOST_API_KEY"},
        {"eu": {"SPARKPOST_API_URL": "https://api.eu.sparkpost.com/api/v1"}},
    ),
    "brevo": Service("brevo", "brevo://KEY@", {"username": "BREVO_API_KEY"}, is_told=False),
    "resend": Service("resend", "resend://KEY@", {"username": "RESEND_API_KEY"}, is_told=False),
    "scaleway": Service(
        "scaleway", "scaleway://SECRET:PROJECT@",
        {"username": "SCALEWAY_SECRET_KEY", "password": "SCALEWAY_PROJECT_ID"}, is_told=False,
    ),
    # Its keys are found where Amazon's own tools look for them.
    "amazon-ses": Service("amazon_ses", "amazon-ses://", {}, is_told=False),
}  # fmt: skip


def taken(url):
    """The settings of an EMAIL_URL, none of "". One that cannot be taken stops start-up."""
    try:
        return settings_of(url) if url else {}
    except ValueError as error:
        return stop(f"EMAIL_URL {error}")


def settings_of(url):
    """Django's settings by which mail goes where an EMAIL_URL says, {name: value}. Raises ValueError with words that
    say what to do, and nothing of the address, which may hold a password."""
    scheme = url.partition(":")[0].lower()
    return _service(SERVICES[scheme], url) if scheme in SERVICES else _server(url)


def _server(url):
    try:
        told = dj_email_url.parse(url)
    except ValueError as error:
        raise ValueError(f"cannot be read. Take {SERVERS}.") from error
    if "EMAIL_BACKEND" not in told:
        raise ValueError(f"names no mail server. Take {SERVERS}, or a service: {', '.join(SERVICES)}.")
    return {name: value for name, value in told.items() if name != "EMAIL_FILE_PATH"}


def _service(service, url):
    try:
        address = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(address.query, strict_parsing=bool(address.query)).items()}
        region = service.regions[asked.pop("region")] if "region" in asked else {}
        told = {name: unquote(getattr(address, part) or "") for part, name in service.parts.items()}
    except (ValueError, KeyError) as error:
        raise ValueError(f"cannot be read. Take {service.form}.") from error
    more = address.password and "password" not in service.parts
    if not all(told.values()) or asked or more or address.path.strip("/"):
        raise ValueError(f"lacks something, or has too much. Take {service.form}.")
    if service.backend == "amazon_ses" and find_spec("boto3") is None:
        raise ValueError("is Amazon's, which needs the package boto3. Install django-anymail[amazon-ses].")
    defaults = {"SEND_DEFAULTS": UNTRACKED} if service.is_told else {}
    return {"EMAIL_BACKEND": f"anymail.backends.{service.backend}.EmailBackend", "ANYMAIL": told | region | defaults}
