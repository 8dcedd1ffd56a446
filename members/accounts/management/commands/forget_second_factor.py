"""For the owner who has lost phone, key and recovery codes, and for whom no other owner can do it in the desk."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from members import emails
from members.models import User
from newsroom.ground import audit


class Command(BaseCommand):
    help = "Takes app, passkeys and recovery codes from an account, and tells it by mail. The desk asks for new ones."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {email}. Take that by which it signs in.")
        with transaction.atomic():
            factors = Authenticator.objects.filter(user=user)
            if not factors:
                raise CommandError(f"{email} has no second factor. Nothing is left to do.")
            for factor in factors:
                audit.record(None, "took a second factor", "account", user.key, factor.type)
            factors.delete()
            emails.notice("members/email/factors_forgotten", user, {})
        self.stdout.write(f"{email} signs in by the password alone until a new second factor is set up.")
