"""The page of an invite link."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client


class Parts(HTMLParser):
    """Collects elements and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.lasttag in {"script", "style"}:
            self.inline += data.strip()

    def each(self, attribute: str) -> list[str | None]:
        return [given[attribute] for _, given in self.elements if attribute in given]


@pytest.fixture
def response(client: Client) -> Any:
    return client.get("/join/")


@pytest.fixture
def parts(response: Any) -> Parts:
    return Parts(response.content.decode())


def test_page_needs_no_credentials_and_sets_no_cookies(response: Any) -> None:
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert response.cookies == {}


def test_page_loads_files_of_this_service_only(parts: Parts) -> None:
    assert parts.each("src") == ["/static/tokensvc/join.js"]
    assert parts.each("href") == ["data:,", "/static/tokensvc/join.css"]


def test_page_has_no_inline_code_or_style(parts: Parts) -> None:
    attributes = {name for _, given in parts.elements for name in given}

    assert parts.inline == ""
    assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_content_security_policy_is_minimal(parts: Parts) -> None:
    (policy,) = [given["content"] for _, given in parts.elements if "http-equiv" in given]

    assert (policy or "").split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_page_posts_to_the_redeem_endpoint(db: None, client: Client, parts: Parts) -> None:
    (path,) = parts.each("data-redeem")

    assert path is not None
    answer = client.post(path, {"code": "wrong"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "invite_not_found")


def test_every_field_has_a_label(parts: Parts) -> None:
    fields = [given["id"] for tag, given in parts.elements if tag == "input"]

    assert fields == ["name"]
    assert parts.each("for") == fields


@pytest.mark.parametrize(("name", "kind"), [("join.js", "text/javascript"), ("join.css", "text/css")])
def test_file_of_the_page_is_served(client: Client, name: str, kind: str) -> None:
    response = client.get(f"/static/tokensvc/{name}")

    assert (response.status_code, response["Content-Type"]) == (200, f'{kind}; charset="utf-8"')
    source = settings.BASE_DIR / "tokensvc" / "static" / "tokensvc" / name
    assert b"".join(response) == source.read_bytes()
