"""What mail an account gets, and in which language."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from members import emails
from members.accounts.corner import with_corner
from members.models import User


class MailForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["language", "told_of_browsers", "told_of_offers"]
        labels = {
            "language": gettext_lazy("Language of mails"),
            "told_of_browsers": gettext_lazy("Tell me when my account is signed in to in a new browser"),
            "told_of_offers": gettext_lazy("Ask me once to come back, a month after my membership has ended"),
        }
        help_texts = {"told_of_browsers": "", "told_of_offers": ""}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def preferences(request):
    # Apart from the request's own account: what a form refuses must not stand in the page's corner.
    sent = request.POST if request.method == "POST" else None
    form = MailForm(sent, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        # These alone: the account may have been banned or erased since it was read.
        form.instance.save(update_fields=form.fields)
        messages.success(request, _("Saved."))
        return redirect("mail_preferences")
    return TemplateResponse(request, "members/mail.html", {"form": form})


# Mail programs send this by themselves (RFC 8058), without cookies; what it may do is in the signed token alone.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@with_corner
def off(request, token):
    """Switch an optional mail off: GET shows a button, since mail scanners follow links, and POST does it."""
    found = emails.off(token)
    if found and request.method == "POST":
        emails.switch_off(*found)
    _user, message = found or (None, "")
    said = {"valid": found is not None, "message": message, "done": request.method == "POST", "token": token}
    return TemplateResponse(request, "members/mail_off.html", said, status=200 if found else 404)
