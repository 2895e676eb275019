from ipaddress import ip_network

import pytest

from tokensvc.web.networks import lies_in

NETWORKS = [ip_network(text) for text in ("10.1.0.0/16", "192.0.2.7/32", "2001:db8::/32")]


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.0.0", "10.1.255.255", "192.0.2.7"),
        *("::ffff:10.1.2.3", "::FFFF:10.1.2.3", "::ffff:a01:203"),
        *("2001:db8::1", "2001:DB8:0::0001", "2001:db8:ffff::"),
    ],
)
def test_address_is_in_its_network_in_any_spelling(address: str) -> None:
    assert lies_in(address, NETWORKS)


@pytest.mark.parametrize(
    "address",
    [
        *("10.2.0.0", "10.0.255.255", "192.0.2.8", "127.0.0.1"),
        *("::ffff:10.2.0.1", "::10.1.0.1", "2001:db9::1", "::1"),
    ],
)
def test_other_address_is_in_no_network(address: str) -> None:
    assert not lies_in(address, NETWORKS)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "unknown", "_hidden", "localhost", "é", "\0", "x" * 10_000),
        *("10.1.0.1:80", "[2001:db8::1]", "[2001:db8::1]:80", " 10.1.0.1", "10.1.0.1 ", "10.1.0.1/32"),
        *("10.1", "10.1.0.256", "010.1.0.1", "0xa.1.0.1", "167837697", "10.1.0.1, 10.1.0.2"),
    ],
)
def test_text_that_is_not_an_address_is_in_no_network(text: str) -> None:
    assert not lies_in(text, [*NETWORKS, ip_network("0.0.0.0/0"), ip_network("::/0")])


@pytest.mark.parametrize("address", ["10.1.0.1", "2001:db8::1"])
def test_no_address_is_in_an_empty_list(address: str) -> None:
    assert not lies_in(address, [])
