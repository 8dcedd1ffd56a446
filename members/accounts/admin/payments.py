"""All payments in the desk, contributions of strangers too, and the way to give one back. Owners alone see them."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from members.accounts import refunds, support
from members.accounts.admin.acts import TROUBLE, told
from members.accounts.admin.amounts import part_of
from members.accounts.roles import may_change_payments
from members.billing.admin import ForOwners
from members.billing.models import Payment
from newsroom.ground.money import money

PAGE = "admin:billing_payment_change"
NOTHING_LEFT = _("Of this payment nothing can be given back: it is not paid, is given back already, or in dispute.")


class GiveBackForm(forms.Form):
    amount = forms.CharField(
        label=_("Amount"), required=False, max_length=40, help_text=_("Blank: all that is left of it.")
    )
    reason = forms.CharField(
        label=_("Why"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept as a note on the account; without one in the audit log, for three years: name nobody."),
    )  # fmt: skip
    sure = forms.BooleanField(label=_("Yes, give it back: it cannot be taken again"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, payment, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.payment = payment

    def clean_amount(self):
        return part_of(self.payment, self.cleaned_data["amount"])


@admin.register(Payment)
class PaymentAdmin(ForOwners):
    list_display = ["at", "kind", "user", "paid", "state", "given_back"]
    list_filter = ["kind", "state", "currency", "at"]
    list_select_related = ["user"]
    search_fields = ["=stripe_id", "=invoice", "=user__email"]
    search_help_text = _("An address, or an id of Stripe's: of the payment or of its invoice")
    fields = readonly_fields = ["at", "kind", "user", "paid", "state", "given_back", "stripe_id", "invoice"]
    change_form_template = "admin/billing/payment/change_form.html"

    @admin.display(description=_("amount"), ordering="amount")
    def paid(self, payment):
        return money(payment.amount, payment.currency)

    @admin.display(description=_("of it refunded"), ordering="refunded")
    def given_back(self, payment):
        return money(payment.refunded, payment.currency) if payment.refunded else "–"

    def get_urls(self):
        view = self.admin_site.admin_view(self.give_back)
        return [path("<int:pk>/give-back/", view, name="billing_payment_give_back"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        payment = self.get_object(request, object_id)
        can = payment is not None and may_change_payments(request.user) and refunds.left_of(payment) > 0
        return super().change_view(request, object_id, form_url, {"can_give_back": can} | (extra_context or {}))

    def give_back(self, request, pk):
        """A form that asks how much and why, then the deed, and back to the payment."""
        if not (self.has_view_permission(request) and may_change_payments(request.user)):
            raise PermissionDenied
        payment = get_object_or_404(Payment.objects.select_related("user"), pk=pk)
        left = refunds.left_of(payment)
        if not left:
            messages.error(request, NOTHING_LEFT)
            return redirect(PAGE, pk)
        posted = request.POST if request.method == "POST" else None
        form = GiveBackForm(payment, posted, initial={"seen": refunds.newest(payment)})
        if form.is_valid():
            _do(request, payment, form.cleaned_data)
            return redirect(PAGE, pk)
        return self._page(request, payment, form, left)

    def _page(self, request, payment, form, left):
        context = self.admin_site.each_context(request) | {
            "title": _("Give back"),
            "opts": self.opts,
            "original": payment,
            "paid": money(payment.amount, payment.currency),
            "left": money(left, payment.currency),
            "by": payment.user,
            "kind": payment.get_kind_display(),
            "form": form,
        }
        return render(request, "admin/billing/payment/give_back.html", context)


def _do(request, payment, said):
    try:
        refunds.give_back(request.user, payment, said["reason"], said["seen"], said["amount"])
    except support.Unfitting:
        messages.error(request, NOTHING_LEFT)
    except TROUBLE as error:
        messages.error(request, told(error))
    else:
        messages.success(request, _("It is given back."))
