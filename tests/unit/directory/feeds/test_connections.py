"""The connection goes to the address that was checked, with the host's own name and certificate."""

import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from directory.feeds import Access, FeedProblem, FeedRefused, FeedState, fetch
from tests.fakes.oruk_holdings import Holdings
from tests.fakes.oruk_server import serving
from tests.unit.directory.feeds.made_up import START, StoppedClock, plain_records, records_of

NAME = "feed.example"


class ChangingNames:
    """A name service that answers loopback first, and something else whenever it is asked again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `feed.example` that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START - timedelta(days=3650))
        .not_valid_after(START + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "feed.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_goes_to_the_checked_address_under_the_name_of_the_feed(
    held: Holdings, state: FeedState, tls: ssl.SSLContext, certificate: Path
) -> None:
    names = ChangingNames(["127.0.0.1"], ["127.0.0.99"])
    access = Access(hosts=frozenset({NAME}), certificates=certificate, resolve=names)
    with serving(held, tls=tls) as server:
        url = server.base.replace("127.0.0.1", NAME)
        feed = fetch(url, state=state, read_documents=plain_records, access=access)
        assert len(records_of(feed)) == 12
        assert set(server.hosts) == {url.removeprefix("https://").partition("/")[0]}
    assert feed.complete
    assert names.asked == [NAME]


def test_another_name_than_the_certificate_s_is_not_believed(
    held: Holdings, state: FeedState, tls: ssl.SSLContext, certificate: Path
) -> None:
    access = Access(
        hosts=frozenset({"other.example"}),
        certificates=certificate,
        resolve=lambda _host, _port: ["127.0.0.1"],
    )
    with serving(held, tls=tls) as server:
        url = server.base.replace("127.0.0.1", "other.example")
        feed = fetch(url, state=state, access=access, clock=StoppedClock())
        with pytest.raises(FeedProblem, match="certificate"):
            next(feed)


def test_a_name_that_leads_to_loopback_is_not_connected_to(
    held: Holdings, state: FeedState
) -> None:
    access = Access(plain_http=True, resolve=lambda _host, _port: ["127.0.0.1"])
    with serving(held) as server:
        feed = fetch(server.base.replace("127.0.0.1", NAME), state=state, access=access)
        with pytest.raises(FeedRefused, match=r"127\.0\.0\.1, which is not a public address"):
            next(feed)
        assert server.requests == []


def test_the_next_address_of_a_host_is_tried_where_nobody_answers(
    held: Holdings, state: FeedState
) -> None:
    # A second loopback address on which nothing listens.
    access = Access(
        hosts=frozenset({NAME}),
        plain_http=True,
        resolve=lambda _host, _port: ["::1", "127.0.0.1"],
    )
    with serving(held) as server:
        url = server.base.replace("127.0.0.1", NAME)
        feed = fetch(url, state=state, read_documents=plain_records, access=access)
        assert len(records_of(feed)) == 12


def test_a_proxy_of_the_machine_is_not_used(
    held: Holdings, state: FeedState, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(hosts=frozenset({"127.0.0.1"}), plain_http=True)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with serving(held) as server:
        feed = fetch(server.base, state=state, read_documents=plain_records, access=access)
        assert len(records_of(feed)) == 12


def test_a_name_that_does_not_resolve_is_said_so(state: FeedState) -> None:
    def nobody(_host: str, _port: int) -> Sequence[str]:
        raise OSError("not known")

    access = replace(Access(), resolve=nobody)
    clock = StoppedClock()
    feed = fetch(f"https://{NAME}/", state=state, access=access, clock=clock)
    with pytest.raises(FeedProblem, match="could not be reached"):
        next(feed)
    assert clock.waits == [1, 2, 4, 8]
