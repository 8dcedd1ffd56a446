"""What prompts keep of a person (see `members.accounts.personal_data`): the drives they want to be told of."""

from members.prompts import reminders


def export(user):
    wanted = reminders.of_address(user.email)
    return {"reminders_of_drives": list(wanted.order_by("drive").values("drive__heading", "drive__ends_at"))}


def erase(user):
    reminders.of_address(user.email).delete()
