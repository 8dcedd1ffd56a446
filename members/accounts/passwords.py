"""What no password may be here, beside the rules that Django brings: a leaked one in disguise, or the newsroom's own
name. Any letters, digits and signs are welcome, in any mixture, and nobody has to change a good one."""

import re

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# How much must be left of a password without the newsroom's own words, and from how many letters on a word is one.
REST_MIN = 10
WORD_MIN = 4
# Digits and signs before and behind it make a leaked password no other: password12, !!dragon2026. Up to so many.
ADORNED = re.compile(r"([\W\d_]{0,12})([^\W\d_](?:.*[^\W\d_])?)([\W\d_]{0,12})", re.DOTALL)


class BareCommonValidator(CommonPasswordValidator):
    """Refuses the passwords that leaked most often (20,000, in Django), and what is one of them without some of the
    digits and signs at its ends."""

    def validate(self, password, user=None):
        for bare in [password, *_bare(password)]:
            super().validate(bare)


def _bare(password):
    """A password without ever more of what stands at its ends; nothing of one that has no letter."""
    found = ADORNED.fullmatch(password)
    before, word, behind = found.groups() if found else ("", "", "")
    return {before[cut:] + word + behind[:kept] for cut in range(len(before) + 1) for kept in range(len(behind) + 1)}


class OwnWordsValidator:
    """Refuses what is little more than the newsroom's own name: the words of SITE_NAME and of its hosts' names."""

    def validate(self, password, user=None):
        rest = password.lower()
        for word in own_words():
            rest = rest.replace(word, "")
        if rest != password.lower() and len(rest) < REST_MIN:
            raise ValidationError(
                _("This password leans on our own name. Without it, %(count)s characters should be left."),
                code="password_of_own_words",
                params={"count": REST_MIN},
            )

    def get_help_text(self):
        return _("Your password should not be made of our own name.")


def own_words():
    """The words that name this newsroom, in lower case, the longest first."""
    named = re.split(r"[\W\d_]+", " ".join([settings.SITE_NAME, *settings.SITE_HOSTS]).lower())
    return sorted({word for word in named if len(word) >= WORD_MIN}, key=lambda word: (-len(word), word))
