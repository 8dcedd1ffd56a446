"""Three members live at random while a hostile network shuffles, repeats and drops what Stripe tells. At every step what
must always be so is so; and once all has been compared, what is known is what a fresh look would tell."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from members.billing import changes, client, quotes, reconcile, switching
from members.billing.arrival import Arrival
from members.billing.checkout import AlreadyMember, Places, settle, start
from members.billing.models import Cancellation, Comparison, Customer, Event, Intent, Movement, Notice, Payment
from members.models import Membership, Plan, Price, User
from members.sessions import standing_of
from members.standing import NONE
from tests.billing.sandboxed import DECLINED, FAILS_LATER, SLOW, SLOW_AND_FAILS, WORKS, NotPaid
from tests.billing.shop import price
from tests.billing.truth import holds, mails
from tests.conftest import PASSWORD
from tests.members.mail import work

pytestmark = pytest.mark.django_db
PLACES = Places("http://localhost:8000/join/done/", "http://localhost:8000/join/")
WHO = st.sampled_from(["ana", "beka", "cira"])
CARDS = st.sampled_from([WORKS, WORKS, WORKS, FAILS_LATER, DECLINED, SLOW, SLOW_AND_FAILS])
# What a way on may meet: it is over already, or Stripe will not, or cannot be asked.
SAID_NO = (changes.Impossible, client.Unavailable, client.Refused)
# Newest first, so that none is in the way of another.
ROWS = (Cancellation, Event, Comparison, Notice, Movement, Payment, Membership, Intent, Customer, User)


class Lives(RuleBasedStateMachine):
    shop = time = None  # of the test that runs the machine

    def __init__(self):
        super().__init__()
        for model in ROWS:
            model.objects.all().delete()
        Price.objects.update(stripe_id=None)
        Plan.objects.update(stripe_product=None)
        mail.outbox.clear()
        self.shop.reset()
        self.shop.freeze("2027-01-30T12:00:00+00:00")
        self.time.set()
        self.stripe = Client(headers={"host": "localhost:8000", "user-agent": "Stripe/1.0"})
        self.users = {
            name: User.objects.create_user(f"{name}@example.com", PASSWORD) for name in ("ana", "beka", "cira")
        }
        self.heard = set()

    # What members do.

    @rule(who=WHO, card=CARDS, plan=st.sampled_from(["Reader", "Friend"]), returns=st.booleans())
    def join(self, who, card, plan, returns):
        user = self.users[who]
        if Customer.objects.filter(user=user).exclude(deleted_at=None).exists():
            return
        try:
            url = start(user, quotes.quote(price(plan)), PLACES, Arrival("wall"), timezone.now())
            there = self.shop.pay(url, card, email=user.email)
            if returns:
                settle(there.partition("session_id=")[2])
        except (AlreadyMember, NotPaid, *SAID_NO):
            return

    def _change(self, who, change):
        customer = Customer.objects.filter(user=self.users[who]).first()
        if customer is not None:
            try:
                change(customer)
            except SAID_NO:
                return

    @rule(who=WHO)
    def cancel(self, who):
        self._change(who, changes.cancel)

    @rule(who=WHO)
    def resume(self, who):
        self._change(who, changes.resume)

    @rule(who=WHO, months=st.integers(1, 3))
    def pause(self, who, months):
        self._change(who, lambda customer: changes.pause(customer, months))

    @rule(who=WHO, plan=st.sampled_from(["Reader", "Friend"]))
    def change_plan(self, who, plan):
        choice, at = switching.Choice(price(plan), price(plan).amount), int(timezone.now().timestamp())
        self._change(who, lambda member: switching.change(member, choice, switching.preview(member, choice, at)))

    # What happens at Stripe, which is not in trouble then.

    def _charge(self, who):
        self.shop.faults()
        customer = Customer.objects.filter(user=self.users[who], deleted_at=None).exclude(stripe_id=None).first()
        charges = self.shop.client.v1.charges.list({"customer": customer.stripe_id}).data if customer else []
        return next((charge for charge in charges if charge.paid and not charge.refunded and not charge.disputed), None)

    @rule(who=WHO, part=st.sampled_from([100, None]))
    def refund(self, who, part):
        if charge := self._charge(who):
            amount = {"amount": part} if part and charge.amount - charge.amount_refunded > part else {}
            self.shop.client.v1.refunds.create({"charge": charge.id, **amount})

    @rule(who=WHO)
    def dispute(self, who):
        if charge := self._charge(who):
            self.shop.control("dispute", charge=charge.id)

    @rule(status=st.sampled_from(["won", "lost"]))
    def decide_disputes(self, status):
        self.shop.faults()
        for dispute in self.shop.client.v1.disputes.list().data:
            if dispute.status == "needs_response":
                self.shop.control("close_dispute", dispute=dispute.id, status=status)

    @rule(who=WHO, code=st.sampled_from(["insufficient_funds", ""]))
    def decline(self, who, code):
        customer = Customer.objects.filter(user=self.users[who], deleted_at=None).exclude(stripe_id=None).first()
        if customer is not None:
            self.shop.control("decline", customer=customer.stripe_id, code=code)

    @rule(who=WHO)
    def cancel_at_stripe(self, who):
        held = Membership.objects.filter(user=self.users[who]).first()
        if held is not None and held.status not in ("canceled", "incomplete_expired"):
            self._at_stripe("subscriptions.cancel", held.stripe_subscription)

    @rule(who=WHO)
    def delete_at_stripe(self, who):
        if customer := Customer.objects.filter(user=self.users[who], deleted_at=None).exclude(stripe_id=None).first():
            self._at_stripe("customers.delete", customer.stripe_id)

    def _at_stripe(self, path, key):
        try:
            client.ask(path, key)
        except SAID_NO:
            return

    @rule(days=st.sampled_from([1, 3, 8, 16, 31]))
    def time_passes(self, days):
        self.time.passes(days=days, hours=2)

    # What the network does.

    @rule(random=st.randoms(use_true_random=False))
    def deliver_some(self, random):
        """Of what waits a part, in any order, some of it twice."""
        waiting = self.shop.pending()
        chosen = random.sample(waiting, len(waiting) // 2) * random.choice([1, 2])
        random.shuffle(chosen)
        for told in chosen[:12]:
            if told.post(self.stripe).status_code == 200:
                self.heard.add(told.event)
                self.shop.discard(told, as_="delivered")

    @rule(random=st.randoms(use_true_random=False))
    def lose_some(self, random):
        waiting = self.shop.pending()
        self.shop.discard(*random.sample(waiting, len(waiting) // 2))

    @rule(what=st.sampled_from(["500", "reset", "429"]), path=st.sampled_from(["/v1/", "/v1/invoices", "/v1/refunds"]))
    def trouble(self, what, path):
        self.shop.faults({"what": what, "path": path, "times": 3})

    @rule()
    def work_a_while(self):
        work()

    @rule()
    def compare(self):
        reconcile.run(reconcile.Report(lambda line: None))

    # What must be so.

    @invariant()
    def nobody_has_two_memberships_and_access_is_what_the_row_tells(self):
        now = timezone.now()
        for user in self.users.values():
            held = Membership.objects.filter(user=user).first()
            assert standing_of(user, now) == (held.standing_at(now) if held else NONE)

    @invariant()
    def each_mail_is_written_once(self):
        assert len(mail.outbox) + mails() == Notice.objects.count()

    @invariant()
    def nothing_that_was_answered_is_lost(self):
        assert self.heard <= set(Event.objects.values_list("stripe_id", flat=True))

    def teardown(self):
        """Stripe can be asked again, nothing more is delivered, and a day later all is compared."""
        self.shop.faults()
        self.shop.discard(*self.shop.pending())
        for _day in range(3):
            self.time.passes(days=1)
            assert reconcile.run(reconcile.Report(lambda line: None)).failed == 0
            work()
        # What was done at Stripe since is heard of in the next one.
        reconcile.run(reconcile.Report(lambda line: None))
        self.each_mail_is_written_once()
        for user in self.users.values():
            if Customer.objects.filter(user=user).exclude(stripe_id=None).exists():
                assert holds(user, timezone.now())
        assert not Event.objects.filter(status=Event.State.FAILED).exists()


def test_whatever_happens_what_is_known_is_what_stripe_knows(shop, time):
    Lives.shop, Lives.time = shop, time
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=15, stateful_step_count=25, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
