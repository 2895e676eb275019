"""Twenty questions of a newcomer: each answer is two links away from the README."""

import pytest

from tests.docs.markdown import README, Page, anchor

QUESTIONS = {
    "How do I create a room?": ("docs/http-api.md", "Examples"),
    "How does a user get a token, and renew it?": ("docs/http-api.md", "Renewing, and when tokens end"),
    "How do I let a guest in?": ("docs/http-api.md", "Letting guests in"),
    "Which role does a user get, and why?": ("docs/http-api.md", "Which role a user gets"),
    "How do I ban a user?": ("docs/http-api.md", "Bans"),
    "What does the error code seats_full mean?": ("docs/http-api.md", "Errors"),
    "What does close code 4403 mean?": ("docs/live-socket.md", "Close codes"),
    "How do I mute everyone?": ("docs/live-socket.md", "Commands"),
    "What does a client do after it lost updates?": ("docs/live-socket.md", "Missed updates"),
    "Why can a subscriber still publish?": ("docs/agora.md", "Co-host token authentication"),
    "Does a kick hold at Agora?": ("docs/agora.md", "Kicks and bans at Agora"),
    "What do I set in Photon's dashboard?": ("docs/photon.md", "Settings in Photon's dashboard"),
    "How do I keep media in Europe?": ("docs/regions-and-encryption.md", "Regions"),
    "How do I encrypt media?": ("docs/regions-and-encryption.md", "Encryption"),
    "How does my backend learn who left?": ("docs/webhooks.md", "Notices"),
    "What is deleted after a room has ended?": ("docs/retention.md", "What is deleted"),
    "How do I rotate the certificate?": ("docs/operations.md", "Rotating the Agora certificate"),
    "What happens while Redis is away?": ("docs/operations.md", "While Redis is down"),
    "Where are the logs?": ("docs/operations.md", "Logs"),
    "How do I add a setting?": ("CONTRIBUTING.md", "Adding a setting"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_two_links_away(question: str) -> None:
    page, heading = QUESTIONS[question]
    assert page in README.links()
    assert f"#{anchor(heading)}" in Page(page).links()
    assert heading in Page(page).headings()


def test_there_are_twenty_questions() -> None:
    assert len(QUESTIONS) == 20
