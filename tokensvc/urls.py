"""URLs of the API, the admin, the pages and the probes."""

from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView

from moderation.api import urls as moderation
from rooms.api import urls as rooms
from tokensvc import health, metrics, pages
from tokensvc.web import problems

urlpatterns = [
    *rooms.urlpatterns,
    *moderation.urlpatterns,
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", pages.docs, name="docs"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("join/", pages.join, name="join"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    # Last: unmatched paths get the same response with and without DEBUG.
    re_path("", problems.not_found),
]

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
