"""What people see in a browser: the admin, the docs, the page behind an invite's link."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from drf_spectacular.views import SpectacularSwaggerView

docs = staff_member_required(
    SpectacularSwaggerView.as_view(url_name="schema"), login_url=reverse_lazy("admin:login")
)


def join(request: HttpRequest) -> HttpResponse:
    """The page of an invite's link. The code stands behind the `#`, where only the browser sees it."""
    return render(request, "join.html")
