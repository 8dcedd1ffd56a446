"""The demo's accounts. Everybody can know of them, so no site that others reach may have them."""

from members.models import User

EDITOR, READER, MEMBER = "editor@example.com", "reader@example.com", "member@example.com"
NAMES = {EDITOR: "Nino", READER: "Aram", MEMBER: "Leyla"}


def accounts():
    return User.objects.filter(email__in=NAMES)
