"""Agora's REST API for kicking rules.

Source: docs.agora.io, channel management REST API. A rule with a channel and no uid blocks everybody in the
channel, one with a uid and no channel blocks the uid in all channels: this client can create neither.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from rooms.agora import limits
from tokensvc.jobs.http_client import HttpClient, NoResponse, Response

MIN_SECONDS, MAX_SECONDS = 10, 86430

_PATH = "/dev/v1/kicking-rule"
_MAX_RESPONSE = 16 * 2**20


class CallFailed(Exception):
    """A call that was not successful. The text contains no secret.

    `status` is None when there was no usable response. `retry_after` is in seconds.
    """

    def __init__(self, reason: str, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after

    @property
    def is_refusal(self) -> bool:
        """Whether Agora certainly did not do it."""
        return self.status is not None and 400 <= self.status < 500 and self.status != 408

    @property
    def is_final(self) -> bool:
        """Whether the same call would be refused again."""
        return self.is_refusal and self.status != 429


@dataclass(frozen=True, slots=True)
class Project:
    """One Agora project, with the customer id and secret of its account. `timeout` is in seconds.

    Every call raises `CallFailed`, or `limits.UnusableValue` before anything is sent.
    """

    app_id: str
    customer_id: str
    customer_secret: str = field(repr=False)
    base_url: str = "https://api.agora.io"
    timeout: float = 20

    def keep_out(self, channel: str, uid: int, seconds: int) -> int:
        """Create a rule that keeps one uid out of one channel; return its id.

        `seconds` is from 10 to 86430, or 0: the uid has to leave once and may come back.
        """
        _check_pair(channel, uid)
        if seconds != 0 and not MIN_SECONDS <= seconds <= MAX_SECONDS:
            raise limits.UnusableValue("seconds", f"must be 0 or from {MIN_SECONDS} to {MAX_SECONDS}")
        rule = {
            "appid": self.app_id,
            "cname": channel,
            "uid": uid,
            "ip": "",
            "time_in_seconds": seconds,
            "privileges": ["join_channel"],
        }
        rule_id = self._call("POST", body=rule).get("id")
        if type(rule_id) is not int:
            raise CallFailed("Agora's answer has no id.")
        return rule_id

    def rules_of(self, channel: str, uid: int) -> set[int]:
        """Return the ids of the rules for one uid in one channel."""
        _check_pair(channel, uid)
        response = self._call("GET", "?" + urlencode({"appid": self.app_id}))
        try:
            # By the documentation the uid is a number; its examples also have it as text.
            return {
                int(rule["id"])
                for rule in response["rules"]
                if (rule["cname"], str(rule["uid"])) == (channel, str(uid))
            }
        except (LookupError, TypeError, ValueError):
            raise CallFailed("Agora's list of rules cannot be read.") from None

    def let_in(self, rule_id: int) -> None:
        """Remove a rule. One that does not exist any more is no failure."""
        try:
            self._call("DELETE", body={"appid": self.app_id, "id": rule_id})
        except CallFailed as failure:
            if failure.status != 404:
                raise

    def _call(self, method: str, query: str = "", body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            response = self._send(method, query, None if body is None else json.dumps(body).encode())
        except NoResponse as error:
            raise CallFailed(f"Agora did not answer ({error.kind}).") from None
        if response.status != 200:
            raise CallFailed(
                f"Agora answered {response.status}.", response.status, _retry_after(response.headers)
            )
        return _success(response.body)

    def _send(self, method: str, query: str, body: bytes | None) -> Response:
        credentials = b64encode(f"{self.customer_id}:{self.customer_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        with closing(HttpClient(self.base_url, timeout=self.timeout, max_body=_MAX_RESPONSE)) as client:
            return client.request(method, _PATH + query, headers=headers, body=body)


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Return the number of seconds; None for a date, which Agora is not known to send."""
    value = headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else None


def _success(body: bytes | None) -> dict[str, Any]:
    try:
        document = json.loads(body or b"")
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("status") != "success":
        raise CallFailed("Agora's answer cannot be read.")
    return document


def _check_pair(channel: str, uid: int) -> None:
    if not isinstance(channel, str):
        raise limits.UnusableValue("channel", "must be text")
    if not isinstance(uid, int):
        raise limits.UnusableValue("uid", "must be a number, not an account")
    limits.check_channel(channel)
    limits.check_uid(uid)
