"""Revenue in the desk: what memberships bring, by plan and by month, each figure with how it is made. For owners."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from members.billing import revenue
from members.billing.models import Movement
from members.models import Plan
from newsroom.ground import spreadsheet
from newsroom.ground.money import money

# Months that the page shows; the file has all.
MONTHS = 24


@admin.register(Movement)
class RevenueAdmin(admin.ModelAdmin):
    """One page in place of Django's lists: the rows are written by what happens to memberships, and by nobody."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        view = self.admin_site.admin_view
        return [path("csv/", view(self.as_csv), name="billing_movement_csv"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        plan = Plan.objects.filter(slug=request.GET.get("plan", "")).first()
        context = self.admin_site.each_context(request) | {
            "title": _("Revenue"),
            "opts": self.opts,
            "how": {str(kind): words for kind, words in revenue.HOW.items()},
            "kinds": [(kind.label, revenue.HOW[kind]) for kind in revenue.Kind],
            "plans": Plan.objects.all(),
            "plan": plan,
            "currencies": _currencies(plan),
            "elsewhere": [
                {"month": month, "way": way, "amount": money(amount, currency), "count": count}
                for month, way, currency, amount, count in revenue.elsewhere()
            ],
        }
        return render(request, "admin/members/revenue.html", context)

    def as_csv(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = f"revenue-{timezone.localdate():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(
            spreadsheet.written(revenue.table()), content_type="text/csv; charset=utf-8", headers=headers
        )


def _currencies(plan):
    """What the page tells of each currency, in words."""
    now, by_month = revenue.now(), revenue.by_month(plan)
    return [
        _told(currency, now.get(currency, []), by_month.get(currency, [])) for currency in sorted({*now, *by_month})
    ]


def _told(currency, lines, months):
    whole = revenue.total(lines)
    return {
        "currency": currency,
        "lines": [_line(line, currency) for line in lines],
        "total": _line(whole, currency),
        "months": [_month(month, currency) for month in reversed(months[-MONTHS:])],
    }


def _line(line, currency):
    return {"plan": line.plan, "members": line.members, "monthly": money(line.monthly, currency)}


def _month(month, currency):
    moved = [_moved(month.moved[kind], currency) for kind in revenue.Kind]
    return {"month": month.month, "before": money(month.before, currency), "moved": moved,
            "after": money(month.after, currency)}  # fmt: skip


def _moved(moved, currency):
    sign = "−" if moved.amount < 0 else "+"
    return {"amount": f"{sign}{money(abs(moved.amount), currency)}" if moved.count else "", "count": moved.count}
