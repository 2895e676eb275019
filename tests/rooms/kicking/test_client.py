"""The client of Agora's REST API for kicking rules."""

import socket
from typing import Any

import pytest

from rooms.agora import UnusableValue
from rooms.kicking.client import CallFailed, Project
from tests.rooms.kicking.agora_rest import APP_ID, CUSTOMER, AgoraRest, Fault, fails
from tests.tokensvc.jobs.raw_server import raw_server

RULE = {
    "appid": APP_ID,
    "cname": "algebra",
    "uid": 42,
    "ip": "",
    "time_in_seconds": 600,
    "privileges": ["join_channel"],
}


@pytest.fixture
def project(agora_rest: AgoraRest) -> Project:
    return Project(APP_ID, *CUSTOMER, agora_rest.url, timeout=20)


def failure(call: Any, *args: Any) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        call(*args)
    for secret in CUSTOMER:
        assert secret not in repr(failed.value)
    return failed.value


def test_rule_names_channel_and_uid(project: Project, agora_rest: AgoraRest) -> None:
    rule_id = project.keep_out("algebra", 42, 600)
    assert agora_rest.rules == {rule_id: {"id": rule_id, "opid": 1406, **RULE}}


def test_kick_leaves_no_rule(project: Project, agora_rest: AgoraRest) -> None:
    project.keep_out("algebra", 42, 0)
    assert (agora_rest.made, agora_rest.rules) == ([{**RULE, "time_in_seconds": 0}], {})


def test_rules_of_returns_rules_of_this_uid_in_this_channel(project: Project, agora_rest: AgoraRest) -> None:
    one, two = (project.keep_out("algebra", 42, seconds) for seconds in (10, 86430))
    project.keep_out("algebra", 43, 600)
    project.keep_out("biology", 42, 600)
    assert project.rules_of("algebra", 42) == {one, two}
    agora_rest.rules[one]["uid"] = "42"
    assert project.rules_of("algebra", 42) == {one, two}


def test_rule_is_removed_and_may_be_removed_again(project: Project, agora_rest: AgoraRest) -> None:
    one, two = project.keep_out("algebra", 42, 600), project.keep_out("algebra", 43, 600)
    project.let_in(one)
    project.let_in(one)
    assert list(agora_rest.rules) == [two]
    assert agora_rest.calls[-1].body == {"appid": APP_ID, "id": one}


@pytest.mark.parametrize(
    ("channel", "uid", "seconds", "why"),
    [
        ("", 42, 600, "channel must have 1 to 63 characters"),
        (None, 42, 600, "channel must be text"),
        ("*", 42, 600, "channel must not contain *: it is a wildcard"),
        ("algebra", 0, 600, "uid must be from 1 to 4294967295"),
        ("algebra", -1, 600, "uid must be from 1 to 4294967295"),
        ("algebra", 2**32, 600, "uid must be from 1 to 4294967295"),
        ("algebra", True, 600, "uid must be from 1 to 4294967295"),
        ("algebra", None, 600, "uid must be a number, not an account"),
        ("algebra", "42", 600, "uid must be a number, not an account"),
        ("algebra", 42, 9, "seconds must be 0 or from 10 to 86430"),
        ("algebra", 42, 86431, "seconds must be 0 or from 10 to 86430"),
        ("algebra", 42, -1, "seconds must be 0 or from 10 to 86430"),
    ],
)
def test_rule_for_more_than_one_person_in_one_channel_is_never_sent(
    project: Project, agora_rest: AgoraRest, channel: Any, uid: Any, seconds: int, why: str
) -> None:
    with pytest.raises(UnusableValue) as refused:
        project.keep_out(channel, uid, seconds)
    assert (str(refused.value), agora_rest.calls) == (why, [])


@pytest.mark.parametrize(
    ("fault", "why", "status", "retry_after", "refusal", "final"),
    [
        (fails(400), "Agora answered 400.", 400, None, True, True),
        (fails(401), "Agora answered 401.", 401, None, True, True),
        (fails(408), "Agora answered 408.", 408, None, False, False),
        (fails(429, Retry_After="7"), "Agora answered 429.", 429, 7, True, False),
        (
            fails(429, Retry_After="Sun, 22 Nov 2026 12:00:00 GMT"),
            "Agora answered 429.",
            429,
            None,
            True,
            False,
        ),
        (fails(500), "Agora answered 500.", 500, None, False, False),
        (fails(504), "Agora answered 504.", 504, None, False, False),
        (fails(302, Location="http://127.0.0.1:1/"), "Agora answered 302.", 302, None, False, False),
        (fails(0), "Agora did not answer (RemoteDisconnected).", None, None, False, False),
        (fails(200, body=b"<html>"), "Agora's answer cannot be read.", None, None, False, False),
        (fails(200, body=b"\xff"), "Agora's answer cannot be read.", None, None, False, False),
        (fails(200, body=[]), "Agora's answer cannot be read.", None, None, False, False),
        (fails(200, body={"status": "failed"}), "Agora's answer cannot be read.", None, None, False, False),
        (fails(200, body={"status": "success"}), "Agora's answer has no id.", None, None, False, False),
        (
            fails(200, body={"status": "success", "id": "x"}),
            "Agora's answer has no id.",
            None,
            None,
            False,
            False,
        ),
    ],
)
def test_failure_has_status_and_retry_after(
    project: Project,
    agora_rest: AgoraRest,
    fault: Fault,
    why: str,
    status: int | None,
    retry_after: int | None,
    refusal: bool,
    final: bool,
) -> None:
    agora_rest.faults.append(fault)
    failed = failure(project.keep_out, "algebra", 42, 600)
    assert (str(failed), failed.status, failed.retry_after) == (why, status, retry_after)
    assert (failed.is_refusal, failed.is_final) == (refusal, final)


@pytest.mark.parametrize("rules", [None, {}, [1], [{}], [{"cname": "algebra", "uid": 42}], [None]])
def test_malformed_list_of_rules_is_a_failure(project: Project, agora_rest: AgoraRest, rules: Any) -> None:
    agora_rest.faults.append(fails(200, body={"status": "success", "rules": rules}))
    if rules == {}:
        assert project.rules_of("algebra", 42) == set()
    else:
        assert str(failure(project.rules_of, "algebra", 42)) == "Agora's list of rules cannot be read."


def test_late_answer_is_a_failure(agora_rest: AgoraRest) -> None:
    agora_rest.open.clear()
    project = Project(APP_ID, *CUSTOMER, agora_rest.url, timeout=0.05)
    assert str(failure(project.keep_out, "algebra", 42, 600)) == "Agora did not answer (TimeoutError)."


def test_answer_that_drips_is_late() -> None:
    with raw_server(b"HTTP/1.1 ", *[b"2"] * 40) as server:
        project = Project(APP_ID, *CUSTOMER, server.url, timeout=0.3)
        assert str(failure(project.keep_out, "algebra", 42, 600)) == "Agora did not answer (TimeoutError)."


@pytest.mark.parametrize(("length", "status"), [(10, 200), (17 * 2**20, 200), (10, 403)])
def test_incomplete_or_huge_answer_cannot_be_read(length: int, status: int) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n".encode()
    with raw_server(head + b"{" + b" " * (length - 2)) as server:
        project = Project(APP_ID, *CUSTOMER, server.url)
        failed = failure(project.keep_out, "algebra", 42, 600)
    expected = "Agora's answer cannot be read." if status == 200 else f"Agora answered {status}."
    assert (str(failed), failed.is_refusal) == (expected, status == 403)


def test_requests_have_the_agent_of_the_service() -> None:
    with raw_server(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n") as server:
        failure(Project(APP_ID, *CUSTOMER, server.url).rules_of, "algebra", 42)
    assert "user-agent: tokensvc" in server.requests[0]


def test_refused_connection_is_a_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        project = Project(APP_ID, *CUSTOMER, f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert (
            str(failure(project.rules_of, "algebra", 42)) == "Agora did not answer (ConnectionRefusedError)."
        )


def test_wrong_secret_is_refused_and_not_shown(agora_rest: AgoraRest) -> None:
    project = Project(APP_ID, CUSTOMER[0], "a-wrong-secret", agora_rest.url)
    failed = failure(project.keep_out, "algebra", 42, 600)
    assert (failed.status, "a-wrong-secret" in f"{failed!r}{project!r}") == (401, False)
