"""The control's page: the state of the sandbox, and a form for each thing that can be done to it."""

from datetime import UTC, datetime

from members.billing.sandbox.core.errors import DECLINES
from members.billing.sandbox.core.money import money
from members.billing.sandbox.objects.subscribing import subscriptions
from members.billing.sandbox.web import deliveries, faults
from members.billing.sandbox.web.hosted.html import Markup, fill, joined, page, tag

SHOWN = 12
MODES = {"normal": "delivered", "hold": "held until released"}
BOOLEANS = {"false": "no", "true": "yes"}


def show(world):
    with world.turn_quietly() as books:
        setting = books.setting
        content = fill(
            "control.html",
            now=_moment(books.now),
            frozen=", and stands still" if setting("frozen_at") is not None else "",
            customers=_customers(books),
            payments=_payments(books),
            modes=_options(MODES, setting("delivery")),
            delay=setting("delay"),
            drop=setting("drop"),
            duplicate=_options(BOOLEANS, str(bool(setting("duplicate"))).lower()),
            reorder=_options(BOOLEANS, str(bool(setting("reorder"))).lower()),
            deliveries=_deliveries(books),
            kinds=_options({kind: kind for kind in faults.KINDS}, "500"),
            faults=_faults(setting("faults")),
            requests=_requests(books),
            events=_events(books),
        )
    return page("Control of the payments sandbox", content)


def _customers(books):
    found = [one for one in books.all("customer") if not one.get("deleted")][-SHOWN:]
    rows = [[_customer(one), _held(books, one), _decline_form(one)] for one in reversed(found)]
    return _table(("Customer", "Subscriptions", "From now on their cards"), rows, "Nobody has bought anything yet.")


def _customer(customer):
    return tag("{}<br><span class='quiet'>{}</span>", customer["email"] or "", customer["id"])


def _held(books, customer):
    found = subscriptions.listed(books, {"customer": customer["id"], "status": "all"})
    row = "{} until {} <span class='quiet'>{}</span><br>"
    return joined(
        tag(row, one["status"], _moment(subscriptions.period_of(one)[1]), one["id"]) for one in reversed(found)
    )


def _decline_form(customer):
    options = _options({"": "work"} | {code: code.replace("_", " ") for code in DECLINES}, "")
    form = (
        '<form method="post" action="/control/decline" class="inline"><input type="hidden" name="customer" value="{}">'
        '<p><select name="code" aria-label="What the cards do">{}</select></p>'
        '<button class="plain">Set</button></form>'
    )
    return tag(form, customer["id"], options)


def _payments(books):
    found = books.all("charge")[-SHOWN:]
    rows = [
        [
            _moment(one["created"]),
            money(one["amount"], one["currency"]),
            tag("{}<br><span class='quiet'>{}</span>", _state(one), one["id"]),
            _payment_forms(books, one),
        ]
        for one in reversed(found)
    ]
    return _table(("When", "Amount", "State", "What happens"), rows, "Nobody has paid yet.")


def _state(charge):
    if charge["disputed"]:
        return "disputed"
    return "refunded" if charge["refunded"] else charge["status"]


def _payment_forms(books, charge):
    if charge["status"] == "pending":
        return _forms("settle_payment", "payment_intent", charge["payment_intent"], "outcome", ("succeeds", "fails"))
    if charge["disputed"]:
        (dispute,) = books.all("dispute", charge=charge["id"])
        if dispute["status"] in ("won", "lost"):
            return dispute["status"]
        return _forms("close_dispute", "dispute", dispute["id"], "status", ("won", "lost"))
    if charge["status"] != "succeeded":
        return ""
    return _forms("dispute", "charge", charge["id"], "reason", ("fraudulent",), "Dispute")


def _forms(action, name, value, choice, choices, words=None):
    buttons = joined(
        tag('<button class="plain" name="{}" value="{}">{}</button>', choice, one, words or one.capitalize())
        for one in choices
    )
    form = (
        '<form method="post" action="/control/{}" class="actions"><input type="hidden" name="{}" value="{}">{}</form>'
    )
    return tag(form, action, name, value, buttons)


def _deliveries(books):
    waiting = deliveries.waiting(books)
    rows = [_delivery_row(books, row) for row in waiting[:SHOWN]]
    if more := waiting[SHOWN:]:
        rows.append([f"and {len(more)} more", "", "", ""])
    table = _table(("Event", "State", "Attempts", "What happens"), rows, "Nothing is waiting.")
    if not any(row[3] == "held" for row in waiting):
        return table
    release = (
        '<form method="post" action="/control/release" class="actions"><button>Release all, in order</button></form>'
    )
    return joined([table, Markup(release)])


def _delivery_row(books, row):
    place, event, _endpoint, state, attempts = row
    button = '<button class="plain" name="ids" value="[{0}]" formaction="/control/{1}">{2}</button>'
    buttons = joined(tag(button, place, *one) for one in (("release", "Deliver now"), ("discard", "Lose")))
    form = tag('<form method="post" action="/control/release" class="actions">{}</form>', buttons)
    told = books.find(event)
    return [tag("{}<br><span class='quiet'>{}</span>", told["type"], event), state, attempts, form]


def _faults(ordered):
    if not ordered:
        return "None is ordered."
    words = [f"{one['what']} for {one['times']} × {one['path']} ({one['when']} the work)" for one in ordered]
    return f"Ordered: {'; '.join(words)}."


def _requests(books):
    query = "SELECT method, path, status, key FROM requests ORDER BY seq DESC LIMIT ?"
    rows = [[row[0], row[1], row[2] or "none", row[3] or ""] for row in books.database.execute(query, [SHOWN])]
    return _table(("Method", "Path", "Answer", "Idempotency key"), rows, "None yet.")


def _events(books):
    query = "SELECT id FROM objects WHERE kind = 'event' ORDER BY seq DESC LIMIT ?"
    found = [books.find(key) for (key,) in books.database.execute(query, [SHOWN])]
    rows = [[_moment(one["created"]), one["type"], one["data"]["object"].get("id", "")] for one in found]
    return _table(("When", "Type", "Object"), rows, "None yet.")


def _table(heads, rows, nothing):
    if not rows:
        return tag("<p>{}</p>", nothing)
    head = joined(tag('<th scope="col">{}</th>', one) for one in heads)
    body = joined(tag("<tr>{}</tr>", joined(tag("<td>{}</td>", cell) for cell in row)) for row in rows)
    return tag(
        '<div class="scroll" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )


def _options(choices, chosen):
    selected = Markup("selected")
    return joined(
        tag('<option value="{}" {}>{}</option>', value, selected if value == chosen else Markup(""), words)
        for value, words in choices.items()
    )


def _moment(seconds):
    return f"{datetime.fromtimestamp(seconds, UTC):%-d %B %Y, %H:%M} UTC"
