"""To let a membership rest for a while, and to let one go on that rests or was to end."""

from django import forms
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.billing import changes, words
from members.billing.pages.membership import told
from members.billing.pages.own import done, own
from members.billing.pausing import charged_again
from members.billing.situation import Act


class PauseForm(forms.Form):
    months = forms.TypedChoiceField(label=gettext_lazy("For how long?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args, membership, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["months"].choices = [
            (months, _told(membership, months)) for months in range(1, changes.PAUSE_MAX + 1)
        ]


@own(Act.PAUSE)
def pause(request, held):
    form = PauseForm(request.POST if request.method == "POST" else None, membership=held.membership)
    if form.is_valid():
        return done(
            request,
            held,
            lambda: changes.pause(held.customer, form.cleaned_data["months"]),
            _("Your membership will be paused. You can take that back at any time."),
        )
    return TemplateResponse(request, "billing/membership_pause.html", {"form": form, "held": told(held)})


@own(Act.RESUME, methods=["POST"])
def resume(request, held):
    return done(request, held, lambda: changes.resume(held.customer), _("Your membership goes on."))


def _told(membership, months):
    """A choice says when money is taken again."""
    again = words.day(charged_again(membership.renews_at, membership.renews_at, months))
    told = {1: _("One month: the next payment is on %(day)s"), 2: _("Two months: the next payment is on %(day)s"),
            3: _("Three months: the next payment is on %(day)s")}  # fmt: skip
    return told[months] % {"day": again}
