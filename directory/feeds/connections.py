"""Connections of `requests` that go only to the addresses that were checked, and can be cut off."""

import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from threading import Event, Lock
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from directory.feeds.addresses import Access, AddressRefused, addresses_of
from directory.feeds.watchdog import Watchdog

_PORTS: Final = {"https": 443, "http": 80}
_Watched = HTTPConnection | HTTPSConnection


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None ever: for a target requests reads the answer whole, however long it is."""


def checked_session(access: Access, adapter: "CheckedAdapter") -> requests.Session:
    """A session all of whose requests go through the adapter; closing it closes the adapter.

    It follows no redirect: whoever asks checks where one leads, and asks there.
    """
    session = _Session()
    # No proxy, no .netrc: nothing of the machine's may decide where a request goes.
    session.trust_env = False
    session.verify = str(access.certificates) if access.certificates else True
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class CheckedAdapter(HTTPAdapter):
    """Sends each request to an address of its host that `Access` lets through, and no other.

    The addresses of a host are looked up once for as long as the adapter lives. One request at a
    time. `cut_off_after` ends a request that takes too long however slowly it drips.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._addresses: dict[tuple[str, int], tuple[str, ...]] = {}
        self._chosen = ""
        self._connections: WeakSet[_Watched] = WeakSet()
        self._lock = Lock()
        self._watchdog = Watchdog(self._cut)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools use connections that check whom they have reached."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send to the first address of the host that answers; raises AddressRefused before any."""
        host, port = _host_and_port(request)
        if (host, port) not in self._addresses:
            try:
                self._addresses[host, port] = addresses_of(host, port, self._access)
            except OSError as problem:
                raise requests.ConnectionError(f"{host} has no address") from problem
        *others, last = self._addresses[host, port]
        for self._chosen in others:
            with suppress(requests.ConnectionError):
                return super().send(request, *args, **kwargs)
        self._chosen = last
        return super().send(request, *args, **kwargs)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Connect to the checked address, with the certificate still the host's."""
        place: dict[str, Any]
        options: dict[str, Any]
        asked: Any = super().build_connection_pool_key_attributes(request, verify, cert)
        place, options = asked
        host, _ = _host_and_port(request)
        if place["scheme"] == "https":
            options |= {"server_hostname": host, "assert_hostname": host}
        return place | {"host": self._chosen}, options

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """Name the host: the connection itself knows only the address."""
        request.headers["Host"] = urlsplit(request.url or "").netloc

    def opening(self, connection: _Watched) -> None:
        """Remember a connection that is about to be made."""
        with self._lock:
            self._connections.add(connection)

    def opened(self, connection: _Watched) -> None:
        """Refuse a connection that reached another address than the checked one, or too late."""
        reached = connection.sock.getpeername()[0] if connection.sock else ""
        if str(reached).partition("%")[0] != self._chosen.partition("%")[0]:
            connection.close()
            raise AddressRefused("the connection reached another address than the one checked")
        if self._watchdog.expired:
            # Cut while there was nothing to cut yet.
            connection.close()
            raise TimeoutError

    def cut_off_after(self, seconds: float) -> AbstractContextManager[Event]:
        """Within the block every connection is cut after so long; gives whether that happened."""
        return self._watchdog.guarding(seconds)

    def close(self) -> None:
        """Close every connection, and end the watch over them."""
        self._watchdog.close()
        super().close()

    def _cut(self) -> None:
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def _host_and_port(request: requests.PreparedRequest) -> tuple[str, int]:
    parts = urlsplit(request.url or "")
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _pools(adapter: CheckedAdapter) -> Mapping[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            adapter.opening(self)
            super().connect()
            adapter.opened(self)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            adapter.opening(self)
            super().connect()
            adapter.opened(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
