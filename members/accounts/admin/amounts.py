"""Amounts of money in the desk's forms: typed as people write them, in the currency that stands beside."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.models.plan import THREE_LETTERS
from newsroom.ground.money import parsed, written


def part_of(payment, typed):
    """How much of a Payment is to be given back, in its smallest unit; None, where nothing was typed: all that is left.
    Raises ValidationError, in words, of what is no amount of it."""
    if not typed:
        return None
    amount = parsed(typed, payment.currency)
    if not 0 < amount <= payment.amount - payment.refunded:
        raise ValidationError(_("Type more than nothing, and no more than is left of the payment."))
    return amount


class AmountForm(forms.ModelForm):
    """A form of a model with `amount` (in the smallest unit) and `currency`. needs_amount: both are required."""

    needs_amount = True
    amount = forms.CharField(widget=forms.TextInput(attrs={"size": 10}), help_text=_("As you write it: 5 or 4.50."))
    currency = forms.CharField(widget=forms.TextInput(attrs={"size": 4}), help_text=_("Three letters: EUR, GEL."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.amount is not None:
            self.initial["amount"] = written(self.instance.amount, self.instance.currency)
        for name in {"amount", "currency"} & self.fields.keys():
            self.fields[name].required = self.needs_amount
            self.fields[name].label = capfirst(self._meta.model._meta.get_field(name).verbose_name)

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        if currency:
            THREE_LETTERS(currency)
        return currency

    def clean(self):
        cleaned = super().clean()
        if "amount" in cleaned:
            self._read_amount(cleaned)
        return cleaned

    def _read_amount(self, cleaned):
        text, cleaned["amount"] = cleaned["amount"], None
        if not text or "currency" not in cleaned:
            return
        try:
            cleaned["amount"] = parsed(text, cleaned["currency"])
        except ValidationError as refusal:
            self.add_error("amount", refusal)
        if cleaned.get("amount") == 0:
            self.add_error("amount", _("Type more than nothing."))
