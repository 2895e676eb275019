"""Agora's REST API for keeping people out of a channel ("kicking rules").

Source: docs.agora.io, channel management REST API. A rule that names a channel and nobody blocks everybody
there, one that names a uid and no channel blocks them everywhere: nothing here can make either.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from rooms.agora import limits

MIN_SECONDS, MAX_SECONDS = 10, 86430

_PATH = "/dev/v1/kicking-rule"
_LARGEST_ANSWER = 16 * 2**20


class CallFailed(Exception):
    """A call that Agora did not answer as hoped. The text has no secret in it.

    `status` is None when there was no usable answer. `retry_after` is in seconds.
    """

    def __init__(self, why: str, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.retry_after = retry_after

    @property
    def is_refusal(self) -> bool:
        """Whether Agora says that it did not do it."""
        return self.status is not None and 400 <= self.status < 500 and self.status != 408

    @property
    def is_final(self) -> bool:
        """Whether the same call will be refused again."""
        return self.is_refusal and self.status != 429


@dataclass(frozen=True, slots=True)
class Project:
    """One Agora project, managed with an account's customer id and secret. `timeout` is in seconds.

    Every call may raise `CallFailed`, and `limits.UnusableValue` before anything is sent.
    """

    app_id: str
    customer_id: str
    customer_secret: str = field(repr=False)
    base_url: str = "https://api.agora.io"
    timeout: float = 20

    def keep_out(self, channel: str, uid: int, seconds: int) -> int:
        """Keep one uid out of one channel; return the id of the rule.

        `seconds` are 10 to 86430, or 0 to make them leave once and let them back in.
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
        """Return the ids of the rules that keep one uid out of one channel."""
        _check_pair(channel, uid)
        answer = self._call("GET", "?" + urlencode({"appid": self.app_id}))
        try:
            # The documentation says that the uid is a number, and has shown it as text.
            return {
                int(rule["id"])
                for rule in answer["rules"]
                if (rule["cname"], str(rule["uid"])) == (channel, str(uid))
            }
        except (LookupError, TypeError, ValueError):
            raise CallFailed("Agora's list of rules cannot be read.") from None

    def let_in(self, rule_id: int) -> None:
        """Remove a rule; one that is no longer there is fine."""
        try:
            self._call("DELETE", body={"appid": self.app_id, "id": rule_id})
        except CallFailed as failure:
            if failure.status != 404:
                raise

    def _call(self, method: str, query: str = "", body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            content = self._exchange(method, query, None if body is None else json.dumps(body))
        except (OSError, HTTPException) as error:
            raise CallFailed(f"Agora did not answer ({type(error).__name__}).") from None
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise CallFailed("Agora's answer cannot be read.")
        return answer

    def _exchange(self, method: str, query: str, body: str | None) -> bytes:
        address = urlsplit(self.base_url)
        make = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = make(address.hostname or "", address.port, timeout=self.timeout)
        credentials = b64encode(f"{self.customer_id}:{self.customer_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        try:
            connection.request(method, address.path + _PATH + query, body, headers)
            response = connection.getresponse()
            content = response.read(_LARGEST_ANSWER)
        finally:
            connection.close()
        if response.status != 200:
            after = response.headers.get("Retry-After", "")
            seconds = int(after) if after.isascii() and after.isdecimal() and len(after) < 6 else None
            raise CallFailed(f"Agora answered {response.status}.", response.status, seconds)
        return content


def _check_pair(channel: str, uid: int) -> None:
    if not isinstance(channel, str):
        raise limits.UnusableValue("channel", "must be text")
    if not isinstance(uid, int):
        raise limits.UnusableValue("uid", "must be a number, not an account")
    limits.check_channel(channel)
    limits.check_uid(uid)
