"""Numbers that order what is fetched from Stripe."""

from django.db import models, transaction
from django.db.models import F


class TicketQuerySet(models.QuerySet):
    """Of a model with the fields ticket (the number of the last picture that was set out for) and applied (of the last
    one that was written down)."""

    def next_ticket(self, pk):
        """The number under which the row `pk` is fetched from Stripe next; committed before anything is asked there, so
        that of two pictures the one with the higher number was taken later."""
        with transaction.atomic():
            self.filter(pk=pk).update(ticket=F("ticket") + 1)
            return self.values_list("ticket", flat=True).get(pk=pk)
