"""What is known here of payments: who is whose customer, what somebody set out to buy, what came of it."""

from members.billing.models.cancellation import Cancellation
from members.billing.models.comparison import Comparison
from members.billing.models.customer import Customer
from members.billing.models.event import Event
from members.billing.models.intent import Intent
from members.billing.models.ledger import Movement, Notice, Payment
from members.billing.models.offer import Offer

__all__ = ["Cancellation", "Comparison", "Customer", "Event", "Intent", "Movement", "Notice", "Offer", "Payment"]
