"""The URLs of moderation in version 1, and the one that Agora calls."""

from django.urls import path

from moderation.actions import OPERATIONS
from moderation.api.notifications import NotificationView
from moderation.api.views import EventListView, operation_views

urlpatterns = [
    *(
        path(f"api/v1/rooms/<str:room_id>/{route}", view.as_view())
        for route, view in operation_views(OPERATIONS).items()
    ),
    path("api/v1/rooms/<str:room_id>/moderation/events/", EventListView.as_view()),
    path("agora/notifications/", NotificationView.as_view()),
]
