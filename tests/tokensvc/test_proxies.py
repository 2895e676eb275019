"""Behind a proxy of TRUSTED_PROXIES, the address and the scheme are the client's."""

import json

from tests.tokensvc.processes import REQUIRED, run

# With HTTPS and from BACKEND_NETWORKS a key is looked up, in a database that is away; before that, plain HTTP
# is redirected and any other address refused.
REDIRECTED, REFUSED, LOOKED_UP = "301 Moved Permanently", "401 Unauthorized", "503 Service Unavailable"
PROXY, APP, OTHER = "10.0.0.1", "203.0.113.5", "198.51.100.7"


def answers(*calls: str, proxies: str) -> list[str]:
    environment = {
        **REQUIRED,
        "ALLOWED_HOSTS": "tokens.example",
        "TRUSTED_PROXIES": proxies,
        "BACKEND_NETWORKS": f"{APP}/32",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    process = run("-m", "tests.tokensvc.proxied", *calls, **environment)
    assert process.returncode == 0, process.stderr
    told: list[str] = json.loads(process.stdout.splitlines()[-1])
    return told


def test_word_of_a_trusted_proxy_counts_and_nobody_elses() -> None:
    told = answers(
        *(f"{PROXY}={APP}", f"{PROXY}={OTHER}", f"{PROXY}={APP}, {OTHER}", f"{PROXY}={OTHER}, {APP}"),
        *(f"{OTHER}={APP}", PROXY),
        proxies="10.0.0.0/8",
    )
    assert told == [LOOKED_UP, REFUSED, REFUSED, LOOKED_UP, REDIRECTED, REDIRECTED]


def test_no_proxy_is_trusted_unless_set() -> None:
    assert answers(f"{PROXY}={APP}", PROXY, proxies="") == [REDIRECTED, REDIRECTED]
