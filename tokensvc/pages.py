"""Pages for browsers: the API docs and the join page."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from drf_spectacular.views import SpectacularSwaggerView

docs = staff_member_required(
    SpectacularSwaggerView.as_view(url_name="schema"), login_url=reverse_lazy("admin:login")
)


def join(request: HttpRequest) -> HttpResponse:
    """Render the page of an invite link. The code is in the URL fragment, which browsers do not send."""
    return render(request, "join.html")
