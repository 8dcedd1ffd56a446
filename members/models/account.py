"""Accounts, and the browsers that are signed in to them."""

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_key():
    """A random name for an account in addresses: 132 bits, no meaning."""
    return secrets.token_urlsafe(16)


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        """A new account. `email` is kept in lower case; without a password it cannot sign in by one."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, role=User.Role.PUBLISHER, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    class Role(models.TextChoices):
        READER = "reader", _("Reader")
        REPORTER = "reporter", _("Reporter")
        EDITOR = "editor", _("Editor")
        PUBLISHER = "publisher", _("Publisher")

    email = models.EmailField(_("e-mail"), unique=True, error_messages={"unique": _("This address has an account.")})
    key = models.CharField(_("key"), max_length=22, unique=True, default=new_key, editable=False)
    display_name = models.CharField(_("name shown"), max_length=100, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.READER)
    is_staff = models.BooleanField(
        _("works here"), default=False, help_text=_("May sign in to the desk and read every story.")
    )
    is_superuser = models.BooleanField(_("owner"), default=False, help_text=_("May do everything, unasked."))
    keeps_history = models.BooleanField(
        _("keeps a reading history"), default=False, db_default=False, help_text=_("Only the reader can switch it on.")
    )
    told_of_browsers = models.BooleanField(
        _("told of new browsers"),
        default=True,
        db_default=True,
        help_text=_("A mail when the account is signed in to in a browser for the first time."),
    )
    told_of_offers = models.BooleanField(
        _("asked to come back"),
        default=True,
        db_default=True,
        help_text=_("One mail, a month after a membership has ended."),
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    banned_at = models.DateTimeField(_("banned"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case")]
        # The desk lists the newest first, and looks for how a name begins.
        indexes = [
            models.Index(fields=["date_joined"], name="user_by_joining"),
            models.Index(fields=["display_name"], opclasses=["varchar_pattern_ops"], name="user_by_name"),
        ]

    def __str__(self):
        return self.display_name or self.email

    def clean(self):
        super().clean()
        self.email = self.email.strip().lower()

    @property
    def is_active(self):
        """False for banned and erased accounts: they cannot sign in, and open sessions end at the next request."""
        return self.banned_at is None and self.erased_at is None

    def get_short_name(self):
        return self.display_name or self.email.partition("@")[0]


class Session(AbstractBaseSession):
    """A browser's session. user: who is signed in by it; since when, last on which day, and the browser in words, for
    its owner to know it by. Its address is kept nowhere."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions", verbose_name=_("account"))
    started_at = models.DateTimeField(_("since"), null=True)
    seen_on = models.DateField(_("seen"), null=True)
    browser = models.CharField(_("browser"), max_length=40, blank=True, default="", db_default="")

    class Meta(AbstractBaseSession.Meta):
        pass
