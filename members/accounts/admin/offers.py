"""Offers in the desk. What was taken once stays as it was: an offer is archived, and another one made.

What it takes off is a coupon at Stripe, which never changes either.
"""

from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.accounts.admin.amounts import AmountForm
from members.billing.models import Intent, Offer
from members.models import Price
from newsroom.ground import audit
from newsroom.ground.money import money
from newsroom.ground.site import absolute

# Fixed once somebody took it, or Stripe knows it.
GIVEN = ["code", "percent", "amount", "currency", "lasts", "months", "trial_days", "times"]


class OfferForm(AmountForm):
    needs_amount = False

    class Meta:
        model = Offer
        fields = ["name", "plans", *GIVEN, "starts_at", "ends_at"]
        widgets = {"plans": forms.CheckboxSelectMultiple}
        help_texts = {"plans": _("None chosen: for all.")}

    def clean_code(self):
        """Readers type it in whatever letters."""
        code = self.cleaned_data["code"]
        if Offer.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is an offer of this code already, perhaps an archived one. Take another."))
        return code

    def clean(self):
        cleaned = super().clean()
        if "code" in self.fields:
            self._look_at_what_it_gives(cleaned)
        if cleaned.get("times") == 0:
            self.add_error("times", _("An offer that nobody can take: archive it instead."))
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("An offer ends after it starts."))
        return cleaned

    def _look_at_what_it_gives(self, cleaned):
        percent, amount, currency = (cleaned.get(name) for name in ("percent", "amount", "currency"))
        if percent and amount:
            self.add_error("amount", _("An offer takes off either percent or an amount."))
        elif (percent or amount) and cleaned.get("trial_days"):
            self.add_error("trial_days", _("An offer takes money off or gives days on trial, which would use it up."))
        elif not (percent or amount or cleaned.get("trial_days") or self.errors):
            self.add_error("percent", _("Say what it gives: percent off, an amount off, or days on trial."))
        if amount and not currency:
            self.add_error("currency", _("Say in which currency the amount is."))
        elif currency and not amount and not self.has_error("amount"):
            self.add_error("currency", _("A currency goes with an amount off, and with nothing else."))
        elif amount and not _is_sold(cleaned.get("plans"), currency):
            self.add_error("currency", _("No plan that it is for has a price in this currency."))
        lasts_months = cleaned.get("lasts") == Offer.Lasts.MONTHS
        if lasts_months and not cleaned.get("months"):
            self.add_error("months", _("Say for how many months."))
        elif not lasts_months and cleaned.get("months"):
            self.add_error("months", _("Months go with an offer that lasts some months, and with no other."))


def _is_sold(plans, currency):
    prices = Price.objects.offered().filter(currency=currency)
    return (prices.filter(plan__in=plans) if plans else prices).exists()


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("running", _("Running")), ("archived", _("Archived"))]

    def queryset(self, request, queryset):
        if self.value() == "running":
            return queryset.running(timezone.now())
        if self.value() == "archived":
            return queryset.exclude(archived_at=None)
        return queryset


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):
    form = OfferForm
    list_display = ["name", "code", "gives", "taken", "times", "starts_at", "ends_at", "archived_at"]
    list_filter = [StateFilter]
    search_fields = ["name", "code"]
    fieldsets = [
        (None, {"fields": ["name", "code", "plans"]}),
        (_("What it gives"), {"fields": ["percent", ("amount", "currency"), "lasts", "months", "trial_days"]}),
        (_("When, and how often"), {"fields": ["starts_at", "ends_at", "times"]}),
    ]
    on_record = (_("On record"), {"fields": ["link", "taken", "archived_at"]})
    actions = ["archive"]

    def get_queryset(self, request):
        paid = Count("intents", filter=Q(intents__state=Intent.State.PAID))
        return super().get_queryset(request).annotate(taken_count=paid)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fieldsets(self, request, obj=None):
        return [*self.fieldsets, *([self.on_record] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        shown = self.on_record[1]["fields"]
        return [*shown, *GIVEN] if obj.stripe_coupon or obj.intents.exists() else shown

    @admin.display(description=_("gives"))
    def gives(self, offer):
        off = f"{offer.percent} %" if offer.percent else money(offer.amount, offer.currency) if offer.amount else ""
        days = offer.trial_days
        trial = ngettext("%(n)d day on trial", "%(n)d days on trial", days) % {"n": days} if days else ""
        return ", ".join(filter(None, [off, trial]))

    @admin.display(description=_("taken"), ordering="taken_count")
    def taken(self, offer):
        return offer.taken_count

    @admin.display(description=_("link"))
    def link(self, offer):
        return f"{absolute(reverse('join'))}?{urlencode({'offer': offer.code})}"

    def save_model(self, request, offer, form, change):
        super().save_model(request, offer, form, change)
        for field in form.changed_data:
            note = f"{field}: {form.initial.get(field)} → {form.cleaned_data[field]}"
            audit.record(request.user, "changed an offer" if change else "made an offer", "offer", offer.code, note)

    @admin.action(description=_("Archive the chosen offers"), permissions=["change"])
    def archive(self, request, queryset):
        now = timezone.now()
        with transaction.atomic():
            held = list(Offer.objects.select_for_update().filter(pk__in=queryset.values("pk"), archived_at=None))
            for offer in held:
                audit.record(request.user, "archived an offer", "offer", offer.code)
            count = Offer.objects.filter(pk__in=[offer.pk for offer in held]).update(archived_at=now)
        said = ngettext("%(count)s offer was archived.", "%(count)s offers were archived.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
