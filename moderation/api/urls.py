"""The moderation rows of version 1, and what Agora calls."""

from django.urls import path

from moderation.api.notifications import NotificationView
from moderation.api.views import EndView, EventListView, KickView, ModerationView, ParticipantView

urlpatterns = [
    path("api/v1/rooms/<str:room_id>/end/", EndView.as_view()),
    path("api/v1/rooms/<str:room_id>/moderation/", ModerationView.as_view()),
    path("api/v1/rooms/<str:room_id>/moderation/events/", EventListView.as_view()),
    path("api/v1/rooms/<str:room_id>/moderation/participants/<str:alias>/", ParticipantView.as_view()),
    path("api/v1/rooms/<str:room_id>/moderation/participants/<str:alias>/kick/", KickView.as_view()),
    path("agora/notifications/", NotificationView.as_view()),
]
