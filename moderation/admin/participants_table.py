"""The participants of a room as a table."""

from django.contrib.admin.utils import display_for_value
from django.db.models import Count, F, Q
from django.utils.html import format_html, format_html_join

from moderation.models import ParticipantState
from moderation.rule import Medium
from rooms.models import Room

MAX_ROWS = 200

_HEAD = ("user id", "name", "alias", "role", "connected", "in channel", "audio", "video", "seats")


def seats(room: Room) -> str:
    present = ParticipantState.objects.present().filter(room=room)
    taken = present.aggregate(
        audio=Count("pk", filter=Q(audio_seat=True)), video=Count("pk", filter=Q(video_seat=True))
    )
    return (
        f"{taken['audio']} of {room.audio_limit} for audio, {taken['video']} of {room.video_limit} for video"
    )


def people(room: Room) -> str:
    shown = ParticipantState.objects.shown().filter(room=room)
    found = list(shown.order_by(F("user_id").asc(nulls_last=True), "alias")[: MAX_ROWS + 1])
    if not found:
        return "Nobody is there."
    rest = f"{MAX_ROWS} of {shown.count()} are shown." if len(found) > MAX_ROWS else ""
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}",
        format_html_join("", "<th>{}</th>", ((title,) for title in _HEAD)),
        format_html_join("", "<tr>{}</tr>", ((_row(person),) for person in found[:MAX_ROWS])),
        rest,
    )


def _row(person: ParticipantState) -> str:
    held = [medium.label for medium in Medium if getattr(person, f"{medium.value}_seat")]
    cells = (
        person.alias,
        person.get_role_display(),
        display_for_value(person.connection is not None, "", boolean=True),
        display_for_value(person.in_channel, "", boolean=True),
        person.get_audio_display(),
        person.get_video_display(),
        ", ".join(held) or "-",
    )
    # Users choose the first two: a long one must not push the others off the page.
    return format_html(
        '<td style="{0}">{1}</td><td style="{0}">{2}</td>{3}',
        "overflow-wrap: anywhere",
        person.user_id or "-",
        person.name,
        format_html_join("", "<td>{}</td>", ((cell,) for cell in cells)),
    )
