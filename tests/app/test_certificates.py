"""A CA that may vouch for this machine only, and certificates that any client accepts."""

import ipaddress
import ssl
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.httpsession import get_cert_path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clary.app.certificates import CA_LIFE, LIFE, RENEWAL, context, prepare
from clary.app.settings import Settings
from clary.core import clock


def read(settings: Settings) -> tuple[bytes, bytes]:
    """Return the files of the CA and of the server."""
    return (settings.data / "authority.pem").read_bytes(), (settings.data / "server.pem").read_bytes()


def shake_hands(server: ssl.SSLContext, bundle: Path, name: str) -> None:
    """Connect a strict client that expects ``name`` to ``server``; raises what the client raises."""
    client = ssl.create_default_context(cafile=str(bundle))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there, server_hostname=name), server.wrap_bio(there, back, True)]
    for end in (*ends, *ends, *ends):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert ends[0].version() == "TLSv1.3"


def pass_time(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    later = clock.now() + by.total_seconds()
    monkeypatch.setattr(clock, "now", lambda: later)


def test_the_ca_is_its_owners_and_may_vouch_for_this_machine_only(tmp_path: Path) -> None:
    settings = Settings(tmp_path, host="ml.example.org")
    prepare(settings)
    for name in ("authority.pem", "server.pem", "ca-bundle.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    ca = x509.load_pem_x509_certificate((tmp_path / "authority.pem").read_bytes())
    assert ca.not_valid_after_utc - clock.utc() > timedelta(days=3651)
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    constraints = ca.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [name.value for name in constraints.value.permitted_subtrees or ()] == [
        "localhost",
        ipaddress.ip_network("127.0.0.1/32"),
        ipaddress.ip_network("::1/128"),
        "ml.example.org",
    ]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "192.0.2.7"])
def test_a_strict_client_accepts_the_server_by_each_name(tmp_path: Path, name: str) -> None:
    settings = Settings(tmp_path, host="192.0.2.7")
    prepare(settings)
    shake_hands(context(settings), settings.ca_bundle, name)


def test_a_client_refuses_the_server_by_another_name(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    prepare(settings)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(context(settings), settings.ca_bundle, "sts.us-east-1.amazonaws.com")


def test_a_stolen_ca_is_of_no_use_against_another_site(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    prepare(settings)
    forge(tmp_path, "sts.us-east-1.amazonaws.com")
    forged = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    forged.load_cert_chain(tmp_path / "forged.pem")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(forged, settings.ca_bundle, "sts.us-east-1.amazonaws.com")


def forge(folder: Path, name: str) -> None:
    """Let the CA vouch for ``name``, otherwise as it vouches for the server."""
    pem = (folder / "authority.pem").read_bytes()
    key, ca = serialization.load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    real = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
    builder = x509.CertificateBuilder(
        ca.subject, real.subject, key.public_key(), 4711, real.not_valid_before_utc, real.not_valid_after_utc
    )
    for extension in real.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectAlternativeName):
            value = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(value, extension.critical)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "forged.pem").write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


def test_what_lasts_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(Settings(tmp_path))
    made = read(Settings(tmp_path))
    pass_time(monkeypatch, LIFE - RENEWAL - timedelta(hours=1))
    prepare(Settings(tmp_path))
    assert read(Settings(tmp_path)) == made


def test_a_certificate_that_is_about_to_expire_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path)
    pass_time(monkeypatch, RENEWAL - LIFE)
    prepare(settings)
    authority, server = read(settings)
    monkeypatch.undo()
    prepare(settings)
    same, renewed = read(settings)
    assert same == authority
    assert renewed != server
    shake_hands(context(settings), settings.ca_bundle, "localhost")


def test_a_ca_that_is_about_to_expire_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path)
    pass_time(monkeypatch, RENEWAL - CA_LIFE)
    prepare(settings)
    authority, _ = read(settings)
    monkeypatch.undo()
    prepare(settings)
    assert read(settings)[0] != authority
    shake_hands(context(settings), settings.ca_bundle, "localhost")


def test_another_host_needs_another_ca(tmp_path: Path) -> None:
    prepare(Settings(tmp_path))
    authority, server = read(Settings(tmp_path))
    other = Settings(tmp_path, host="192.0.2.7")
    prepare(other)
    changed = read(other)
    assert changed[0] != authority
    assert changed[1] != server
    shake_hands(context(other), other.ca_bundle, "192.0.2.7")
    prepare(Settings(tmp_path))
    assert read(Settings(tmp_path)) == changed, "what is vouched for already needs nothing new"


def test_the_bundle_trusts_whom_botocore_trusts_and_this_ca(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    prepare(settings)
    usual, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    usual.load_verify_locations(get_cert_path(verify=True))
    ours.load_verify_locations(settings.ca_bundle)
    more = set(ours.get_ca_certs(binary_form=True)) - set(usual.get_ca_certs(binary_form=True))
    ca = x509.load_pem_x509_certificate((tmp_path / "authority.pem").read_bytes())
    assert more == {ca.public_bytes(serialization.Encoding.DER)}
    assert set(usual.get_ca_certs(binary_form=True)) < set(ours.get_ca_certs(binary_form=True))
    assert b"PRIVATE" not in settings.ca_bundle.read_bytes()
