"""Behind a trusted proxy, the address and the scheme are those of the client."""

import json

from tests.tokensvc.processes import REQUIRED, run

# Plain HTTP is redirected. A key from outside BACKEND_NETWORKS is refused; from inside, it is looked up in a
# database that is unavailable.
REDIRECTED, REFUSED, LOOKED_UP = "301 Moved Permanently", "401 Unauthorized", "503 Service Unavailable"
PROXY, APP, OTHER = "10.0.0.1", "203.0.113.5", "198.51.100.7"


def statuses_of(*calls: str, proxies: str) -> list[str]:
    environment = {
        **REQUIRED,
        "ALLOWED_HOSTS": "tokens.example",
        "TRUSTED_PROXIES": proxies,
        "BACKEND_NETWORKS": f"{APP}/32",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    process = run("-m", "tests.tokensvc.proxied", *calls, **environment)
    assert process.returncode == 0, process.stderr
    statuses: list[str] = json.loads(process.stdout.splitlines()[-1])
    return statuses


def test_forwarded_headers_are_accepted_from_trusted_proxies_only() -> None:
    statuses = statuses_of(
        *(f"{PROXY}={APP}", f"{PROXY}={OTHER}", f"{PROXY}={APP}, {OTHER}", f"{PROXY}={OTHER}, {APP}"),
        *(f"{OTHER}={APP}", PROXY),
        proxies="10.0.0.0/8",
    )
    assert statuses == [LOOKED_UP, REFUSED, REFUSED, LOOKED_UP, REDIRECTED, REDIRECTED]


def test_no_proxy_is_trusted_by_default() -> None:
    assert statuses_of(f"{PROXY}={APP}", PROXY, proxies="") == [REDIRECTED, REDIRECTED]
