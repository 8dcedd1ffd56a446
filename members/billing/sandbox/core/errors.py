"""Answers that are errors, in Stripe's shape (docs.stripe.com/api/errors and /error-codes)."""

# What a bank says, as (error code, sentence) by decline code (docs.stripe.com/declines/codes).
DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}


class Refused(Exception):
    """status: of the HTTP answer; error: the object below its key `error`; executed: whether the endpoint had begun, so
    that a repetition with the same idempotency key gets this very answer; kept: whether what was done until then stays
    done, as a failed payment does."""

    def __init__(self, status, kind, message, *, executed=True, kept=False, **more):
        super().__init__(message)
        self.status, self.executed, self.kept = status, executed, kept
        self.error = {"type": kind, "message": message} | {name: value for name, value in more.items() if value}


def invalid(message, param=None, code=None, status=400):
    """A request that makes no sense here."""
    return Refused(status, "invalid_request_error", message, param=param, code=code)


def malformed(message, param=None, code=None):
    """A request that was refused before anything was looked at."""
    return Refused(400, "invalid_request_error", message, param=param, code=code, executed=False)


def unknown(names):
    names = list(names)
    plural = "s" if len(names) > 1 else ""
    return malformed(f"Received unknown parameter{plural}: {', '.join(names)}", names[0], "parameter_unknown")


def missing(param):
    return malformed(f"Missing required param: {param}.", param, "parameter_missing")


def absent(kind, key, param="id"):
    """No such object. param: `id` where the address names it, which makes it a 404."""
    status = 404 if param == "id" else 400
    what = kind.replace("_", " ").replace(".", " ")
    return invalid(f"No such {what}: '{key}'", param, "resource_missing", status)


def declined(decline, **more):
    """A card error (402). decline: a key of DECLINES."""
    code, message = DECLINES[decline]
    return Refused(402, "card_error", message, code=code, decline_code=decline, **more)
