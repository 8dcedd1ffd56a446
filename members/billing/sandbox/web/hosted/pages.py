"""The pages for people: which address shows what, and what its forms do."""

from urllib.parse import parse_qsl

from members.billing.sandbox.web.api import Answer
from members.billing.sandbox.web.hosted import bills, checkout, portal
from members.billing.sandbox.web.hosted.html import message, template

# (method, address with `*` for an id): a function of (books, form, id).
PAGES = {
    ("GET", "/c/pay/*"): checkout.show,
    ("POST", "/c/pay/*"): checkout.act,
    ("GET", "/c/pay/*/authenticate"): checkout.show_authentication,
    ("POST", "/c/pay/*/authenticate"): checkout.authenticate,
    ("GET", "/p/session/*"): portal.show,
    ("POST", "/p/session/*"): portal.act,
    ("GET", "/p/session/*/authenticate"): portal.show_authentication,
    ("POST", "/p/session/*/authenticate"): portal.authenticate,
    ("GET", "/i/*"): bills.show,
    ("POST", "/i/*"): bills.pay,
    ("GET", "/i/*/pdf"): bills.pdf,
    ("GET", "/authenticate/*"): bills.show_authentication,
    ("POST", "/authenticate/*"): bills.authenticate,
    ("GET", "/receipts/*"): bills.receipt,
}


def answer(world, request):
    if request.path == "/sandbox.css":
        return Answer(200, template("sandbox.css").template, kind="text/css; charset=utf-8")
    act, key = _find(request)
    if act is None:
        return message("Nothing here", "There is no such page in the sandbox.", ("/control/", "Control"), status=404)
    form = dict(parse_qsl(request.body, keep_blank_values=True))
    with world.turn() as books:
        return act(books, form, key)


def _find(request):
    asked = request.path.rstrip("/").split("/")
    for (method, pattern), act in PAGES.items():
        parts = pattern.split("/")
        if method == request.method and len(parts) == len(asked):
            pairs = list(zip(parts, asked, strict=True))
            if all(name in ("*", part) for name, part in pairs):
                return act, next(part for name, part in pairs if name == "*")
    return None, None
