"""URLs of the API and of Photon's webhooks, the most frequent first; `include` would cost another match."""

from django.urls import path

from rooms.api.invites import InviteListView, InviteView
from rooms.api.members import MemberListView, MemberView
from rooms.api.photon import AuthenticationView, FusionView, RealtimeView
from rooms.api.rooms import RoomListView, RoomView, RotateChannelView
from rooms.api.tokens import RedeemView, TokenView
from rooms.photon import fusion, realtime

urlpatterns = [
    path("api/v1/rooms/<str:room_id>/tokens/", TokenView.as_view()),
    path("api/v1/rooms/", RoomListView.as_view()),
    path("api/v1/rooms/<str:room_id>/", RoomView.as_view()),
    path("api/v1/rooms/<str:room_id>/rotate-channel/", RotateChannelView.as_view()),
    path("api/v1/rooms/<str:room_id>/members/", MemberListView.as_view()),
    path("api/v1/rooms/<str:room_id>/members/<path:user_id>/", MemberView.as_view()),
    path("api/v1/rooms/<str:room_id>/invites/", InviteListView.as_view()),
    path("api/v1/rooms/<str:room_id>/invites/<str:invite_id>/", InviteView.as_view()),
    path("api/v1/invites/redeem/", RedeemView.as_view()),
    path("photon/auth/", AuthenticationView.as_view()),
    *(path(f"photon/webhooks/{hook}/", RealtimeView.as_view(hook=hook)) for hook in realtime.HOOKS),
    *(path(f"photon/game/{hook}", FusionView.as_view(hook=hook)) for hook in fusion.HOOKS),
]
