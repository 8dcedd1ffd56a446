"""Every address. Readers' pages stand under their language's prefix (none for the default); machines' do not."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from articles.ads import urls as ads
from articles.reading import urls as reading
from members.accounts import urls as accounts
from members.billing import urls as billing
from members.prompts import urls as prompts
from newsroom.ground import health

urlpatterns = [
    *i18n_patterns(
        # Asked for most, so looked at first.
        path("", include(reading.urlpatterns)),
        path("", include(accounts.urlpatterns)),
        path("", include(prompts.urlpatterns)),
        prefix_default_language=False,
    ),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *reading.machine_urlpatterns,
    *ads.machine_urlpatterns,
    *accounts.machine_urlpatterns,
    *billing.machine_urlpatterns,
]

handler403 = "newsroom.ground.health.refused"
handler404 = "articles.reading.views.not_found"
handler500 = "newsroom.ground.health.trouble"
handler429 = "members.accounts.mail_cap.too_many_requests"
