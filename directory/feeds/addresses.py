"""Which addresses a feed may be read from: public ones over HTTPS, and what a deployment allows.

A name is resolved once and the connection goes to the address that was checked, so a name that
answers differently the second time (DNS rebinding) leads nowhere. `Host` and the TLS name stay the
feed's. Proxies are not used: one would resolve the name again.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

_PORTS: Final = {"https": 443, "http": 80}
# The IPv4 address that RFC 6052 (NAT64) and RFC 4291 (mapped) carry in the last 32 bits.
_CARRIES_IPV4: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::ffff:0:0/96"))
# Tunnels to an IPv4 address inside the IPv6 one: RFC 3056 (6to4), its relays, RFC 4380 (Teredo).
_TUNNELS: Final = (
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("2001::/32"),
)
_SECRET_PARAMETERS: Final = frozenset(
    {"access_token", "api-key", "api_key", "apikey", "code", "key", "password", "secret", "token"}
    | {"sig", "signature", "subscription-key"}
)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


class AddressRefused(ValueError):
    """An address that no feed is read from; the message says why and repeats no credential."""


def system_addresses(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of a host as the system resolves it, in its order; raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:
        raise OSError("no name has so long a part, or so short a one") from problem
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Access:
    """What a deployment allows beyond public addresses over HTTPS.

    `hosts`: names or IP addresses, as `host` or `host:port`, that may have any address;
    `plain_http`: whether `http` addresses are read; `certificates`: a PEM file of the authorities
    trusted instead of the public ones; `resolve`: host and port to IP addresses.
    """

    hosts: frozenset[str] = frozenset()
    plain_http: bool = False
    certificates: Path | None = None
    resolve: Resolver = system_addresses

    def allows_any_address(self, host: str, port: int) -> bool:
        """Whether the deployment named this host, or this host and port."""
        return bool({host, f"{host}:{port}"} & self.hosts)


def is_public(address: str) -> bool:
    """Whether an IP address is a public unicast one.

    Private, loopback, link-local, shared, multicast, reserved and documentation addresses are not
    (IANA special-purpose registries, as `ipaddress` holds them), nor are tunnels into IPv4; an
    IPv4 address within an IPv6 one is judged as itself.
    """
    found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    if any(found in network for network in _TUNNELS):
        return False
    site_local = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return found.is_global and not (found.is_multicast or found.is_reserved or site_local)


def _unwrapped(address: IPAddress) -> IPAddress:
    if any(address in network for network in _CARRIES_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def checked_url(url: str, access: Access) -> str:
    """The address of a feed without its fragment, when it may be asked for.

    Raises AddressRefused for another scheme than HTTPS (HTTP when allowed), for credentials in
    the address, and for a host that is missing, or is itself an IP address that is not public.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as problem:
        raise AddressRefused("this is not the address of a feed") from problem
    if any(character.isspace() or ord(character) < 32 for character in url.strip()):
        raise AddressRefused("the address contains blanks or control characters")
    if parts.scheme == "http" and not access.plain_http:
        raise AddressRefused("the address is http, not https, and plain http is not allowed here")
    if parts.scheme not in _PORTS or not host:
        raise AddressRefused("this is not an https address")
    if "@" in parts.netloc or _secret_parameters(parts.query):
        raise AddressRefused("the address carries a credential; feeds are read without any")
    _refuse_private_literal(host, port, access)
    return parts._replace(fragment="").geturl()


def redirected(url: str, towards: str, access: Access) -> str:
    """The address that an answer of `url` redirects to, checked as `checked_url` does."""
    try:
        joined = urljoin(url, towards)
    except ValueError as problem:
        raise AddressRefused("what it redirects to is no address") from problem
    return checked_url(joined, access)


def _secret_parameters(query: str) -> bool:
    names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    return bool(names & _SECRET_PARAMETERS)


def _refuse_private_literal(host: str, port: int, access: Access) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    if not is_public(host) and not access.allows_any_address(host, port):
        raise AddressRefused(f"{host} is not a public address")


def addresses_of(host: str, port: int, access: Access) -> tuple[str, ...]:
    """The IP addresses to connect to, all of them checked; resolves the name once.

    Raises AddressRefused when one of them is not public and the host is not allowed by name, and
    OSError when the name does not resolve.
    """
    found = tuple(access.resolve(host, port))
    if not found:
        raise OSError("the name has no address")
    if not access.allows_any_address(host, port):
        refused = [address for address in found if not is_public(address)]
        if refused:
            raise AddressRefused(f"{host} leads to {refused[0]}, which is not a public address")
    return found
