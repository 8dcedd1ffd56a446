"""What a plan costs, on the plan's page in the desk.

A price that somebody may have paid stays as it is. So a line that is changed withdraws what was offered and offers what
it says now, and a line that is not ticked any more is withdrawn.
"""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.accounts.admin.amounts import AmountForm
from members.models import Price

# Lines to fill in beside those that there are: a month and a year of a new plan.
NEW_LINES = 2


class PriceForm(AmountForm):
    class Meta:
        model = Price
        fields = ["interval", "currency", "amount", "is_offered"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = settings.CURRENCY

    def validate_constraints(self):
        """Left to the lines together: a line may take the place of another that moves or is withdrawn with it."""

    def sell(self, plan):
        """Do what the line says. Returns [(what was offered, what is, each a `Price` or None)], where that changed."""
        told = self.cleaned_data
        before = self.instance.pk and Price.objects.get(pk=self.instance.pk)
        now = None
        if told["is_offered"]:
            now = plan.offer_price(told["interval"], told["currency"], told["amount"])
        if before and before != now and before.is_offered:
            before.withdraw()
        return [(before, now)] if before != now else []


class PriceLines(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        if any(line.instance.pk is None for line in self.initial_forms):
            raise ValidationError(_("Somebody changed what it costs meanwhile. Open the page anew."), "meanwhile")
        seen = set()
        for line in self.forms:
            told = line.cleaned_data if line.is_valid() and (line.instance.pk or line.has_changed()) else {}
            offered = (told["interval"], told["currency"]) if told.get("is_offered") else None
            if offered in seen:
                raise ValidationError(_("A plan has one price on offer for each interval and currency."), "twice")
            seen |= {offered} if offered else set()

    def save(self, commit=True):
        """Sell the plan as the lines say. Returns what changed, as `PriceForm.sell` tells it."""
        self.new_objects = self.changed_objects = self.deleted_objects = []
        return [pair for line in self.forms if line.has_changed() for pair in line.sell(self.instance)]


class PricePart(admin.TabularInline):
    """Who may change a plan may change what it costs."""

    model = Price
    form = PriceForm
    formset = PriceLines
    fields = ["interval", "currency", "amount", "is_offered"]
    can_delete = False
    verbose_name_plural = _("prices on offer")

    def get_queryset(self, request):
        return super().get_queryset(request).offered()

    def get_extra(self, request, obj=None, **kwargs):
        return NEW_LINES
