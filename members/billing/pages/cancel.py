"""To end a membership: one page, one button, and one question that need not be answered."""

from django import forms
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.billing import changes
from members.billing.models import Cancellation
from members.billing.models.cancellation import TEXT_MAX
from members.billing.pages.membership import told
from members.billing.pages.own import done, own
from members.billing.situation import Act


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Would you tell us why?"),
        choices=Cancellation.Reason.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@own(Act.CANCEL)
def cancel(request, held):
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        why = form.cleaned_data
        return done(
            request,
            held,
            lambda: changes.cancel(held.customer, why["reason"], why["text"]),
            _("Your membership is cancelled. Nothing more is taken."),
        )
    said = {"form": form, "held": told(held), "can_pause": Act.PAUSE in held.situation.acts}
    return TemplateResponse(request, "billing/membership_cancel.html", said)
