"""A feed is read from public addresses only, whatever its name says or its DNS answers."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.feeds.addresses import Access, AddressRefused, addresses_of, checked_url, is_public

PRIVATE = [
    *("10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9", "0.1.2.3", "100.64.0.1"),
    *("169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "192.88.99.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1"),
    *("fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1", "::127.0.0.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_ipv6_writes_it(
    address: ipaddress.IPv4Address,
) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert is_public(f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}") == is_public(
        str(address)
    )


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7"))
def test_no_private_address_passes(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert not is_public(str(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://feed.example/services", "http, not https"),
        ("ftp://feed.example/", "not an https address"),
        ("file:///etc/hostname", "not an https address"),
        ("javascript:alert(1)", "not an https address"),
        ("https:///services", "not an https address"),
        ("feed.example/services", "not an https address"),
        ("https://me:secret@feed.example/", "credential"),
        ("https://me@feed.example/", "credential"),
        ("https://feed.example/services?Api_Key=abc", "credential"),
        ("https://10.0.0.1/services", "not a public address"),
        ("https://[::1]/services", "not a public address"),
        ("https://feed.example:port/", "not the address of a feed"),
        ("https://[::1/services", "not the address of a feed"),
        ("https://feed.example/ser vices", "blanks or control characters"),
        ("https://feed.example/\nHost: other.example", "blanks or control characters"),
    ],
)
def test_an_address_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason) as refused:
        checked_url(url, Access())
    assert "secret" not in str(refused.value)
    assert "abc" not in str(refused.value)


def test_an_address_keeps_its_query_and_loses_its_fragment() -> None:
    assert checked_url(" https://feed.example/s?page=2#top ", Access()) == (
        "https://feed.example/s?page=2"
    )


def test_plain_http_and_a_named_host_may_be_allowed() -> None:
    allowed = Access(hosts=frozenset({"10.0.0.1:8080"}), plain_http=True)
    assert checked_url("http://10.0.0.1:8080/s", allowed) == "http://10.0.0.1:8080/s"
    with pytest.raises(AddressRefused, match="not a public address"):
        checked_url("http://10.0.0.1:9090/s", allowed)


@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_loopback_in_disguise_is_refused_when_it_resolves(number: str) -> None:
    host = checked_url(f"https://{number}/", Access()).removeprefix("https://").strip("/")
    with pytest.raises(AddressRefused, match="not a public address"):
        addresses_of(host, 443, Access())


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    access = Access(resolve=lambda _host, _port: ["8.8.8.8", "192.168.0.10"])
    with pytest.raises(AddressRefused, match=r"192\.168\.0\.10"):
        addresses_of("feed.example", 443, access)
