"""Certificates: the data folder's own CA, the server's certificate from it, the bundle that clients trust."""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from botocore.httpsession import get_cert_path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clary.app.settings import Settings
from clary.core import clock, ids

CA_LIFE = timedelta(days=3652)
LIFE = timedelta(days=397)
RENEWAL = timedelta(days=30)
"""A certificate that has less time left is made anew when a server starts."""
_SKEW = timedelta(hours=1)
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A private key and its certificate, kept in one file so that they never part."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def public(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def lasts(self) -> bool:
        """Whether it need not be renewed yet."""
        return self.certificate.not_valid_after_utc - clock.utc() > RENEWAL

    def save(self, path: Path) -> None:
        """Write the pair to ``path`` for this user alone."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(path, pem + self.public)

    @classmethod
    def load(cls, path: Path) -> "_Pair | None":
        """Read what ``save`` wrote; None when there is nothing."""
        if not path.exists():
            return None
        pem = path.read_bytes()
        key = cast("ec.EllipticCurvePrivateKey", serialization.load_pem_private_key(pem, None))
        return cls(key, x509.load_pem_x509_certificate(pem))


def prepare(settings: Settings) -> None:
    """Make what is missing or about to expire: the CA, the server's certificate, the bundle.

    The CA may vouch for this machine and ``settings.host`` only, so that its key is of no use against any
    other site; it is made anew when the host is one that it may not vouch for.
    """
    names = _names(settings.host)
    authority = _Pair.load(_authority(settings))
    if authority is None or not authority.lasts or not _permits(authority, names):
        authority = _make_authority(names)
        authority.save(_authority(settings))
    server = _Pair.load(_server(settings))
    if server is None or not server.lasts or not _vouches(authority, server, names):
        _issue(authority, names).save(_server(settings))
    _write(settings.ca_bundle, Path(get_cert_path(verify=True)).read_bytes() + b"\n" + authority.public)


def context(settings: Settings) -> ssl.SSLContext:
    """Return what the server needs to speak TLS, of which 1.2 is the least; ``prepare`` comes before."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    made.load_cert_chain(_server(settings))
    return made


def _authority(settings: Settings) -> Path:
    return settings.data / "authority.pem"


def _server(settings: Settings) -> Path:
    return settings.data / "server.pem"


def _names(host: str) -> list[x509.GeneralName]:
    return [_name(name) for name in dict.fromkeys((*_LOCAL, host))]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subtree(name: x509.GeneralName) -> x509.GeneralName:
    """Return ``name`` as a constraint: an address is a network of one."""
    if isinstance(name, x509.IPAddress):
        return x509.IPAddress(ipaddress.ip_network(str(name.value)))
    return name


def _permits(authority: _Pair, names: list[x509.GeneralName]) -> bool:
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return {_subtree(name) for name in names} <= set(constraints.permitted_subtrees or ())


def _vouches(authority: _Pair, server: _Pair, names: list[x509.GeneralName]) -> bool:
    found = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return server.certificate.issuer == authority.certificate.subject and set(names) <= set(found)


def _make_authority(names: list[x509.GeneralName]) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _called(f"Clary CA {ids.token(8)}")  # of its own: clients look an issuer up by name
    builder = (
        _certificate(subject, subject, key, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([_subtree(name) for name in names], None), critical=True)
    )
    return _Pair(key, builder.sign(key, hashes.SHA256()))


def _issue(authority: _Pair, names: list[x509.GeneralName]) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _certificate(_called("Clary"), issuer.subject, key, LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
    )
    return _Pair(key, builder.sign(authority.key, hashes.SHA256()))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    now = clock.utc()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, data: bytes) -> None:
    """Replace the file at once; it is this user's alone from its first byte on."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    draft.replace(path)
