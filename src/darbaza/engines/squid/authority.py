"""The school's certificate authority for refusal pages: made on the box, and its key never leaves it.

Squid wants a certificate on any port that looks into TLS hellos, even where nothing is decrypted. Devices that trust
it get a refusal page in place of a closed connection; what is allowed is decrypted only where a decision names them.

A certificate ends. Half a year ahead the next one is made beside it, so that computers have both before Squid signs
with it; the switch comes when every computer that trusts the one in use is noted to trust the next, or two weeks before
the end whoever has it. Between a switch and its note a computer is shown no page, and its connections close.
"""

import os
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from darbaza.engines.base import EngineError
from darbaza.policy.rulebook import Device

YEARS = 5

NEXT_AHEAD = timedelta(days=180)
"""This long before the end of the one in use the next is made: half a school year to install it."""

LATEST_SWITCH = timedelta(days=14)
"""This long before the end the next one is used even if computers lack it."""


def make_authority(path: Path, name: str, at: datetime) -> None:
    """Write certificate and key to `path` unless it exists, and the certificate alone, to install on devices, beside it
    with the suffix `.crt`. Valid for five years from `at`. Raises EngineError if what is there is damaged, OSError."""
    if path.exists():
        check_authority(path)
        show_certificate(path)
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, name, at).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, certificate + secret)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    show_certificate(path)


def next_of(path: Path) -> Path:
    """Where the successor of the authority at `path` lies until it is used."""
    return path.with_name("next.pem")


def needs_next(path: Path, at: datetime) -> bool:
    """Whether it is time to make the next one."""
    return not next_of(path).exists() and certificate_in(path).not_valid_after_utc - at <= NEXT_AHEAD


def is_switch_due(path: Path, devices: Iterable[Device], at: datetime) -> bool:
    """Whether the next one, if there is one, is to be used now: by the notes on computers, or by the calendar."""
    if not next_of(path).exists():
        return False
    if certificate_in(path).not_valid_after_utc - at <= LATEST_SWITCH:
        return True
    used, coming = (fingerprint_of(one.read_bytes()) for one in (path, next_of(path)))
    noted = [device.authorities for device in devices if device.trusts]
    return any(coming in has for has in noted) and all(coming in has for has in noted if used in has)


def switch_authority(path: Path, store: Path) -> None:
    """Put the next authority in the place of the one in use, whose key is gone with that, and forget what it signed.

    Afterwards no certificate is shown until Squid was started anew and `show_certificate` was called: so long nobody
    counts as trusting. Raises EngineError if the next one is damaged; then nothing changed.
    """
    coming = next_of(path)
    check_authority(coming)
    path.with_suffix(".crt").unlink(missing_ok=True)
    coming.replace(path)
    coming.with_suffix(".crt").unlink(missing_ok=True)
    shutil.rmtree(store, ignore_errors=True)


def show_certificate(path: Path) -> None:
    """Have the certificate alone beside the authority, whole or not at all, with the suffix `.crt`."""
    shown, text = path.with_suffix(".crt"), certificate_in(path).public_bytes(serialization.Encoding.PEM)
    if shown.exists() and shown.read_bytes() == text:
        return
    draft = path.with_suffix(".crt.new")
    draft.write_bytes(text)
    draft.replace(shown)


def certificate_in(path: Path) -> x509.Certificate:
    """The certificate of an authority. Raises OSError, ValueError."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def fingerprint_of(pem: bytes) -> str:
    """The SHA-256 fingerprint of a certificate in small hex digits, as rulebooks name it. Raises ValueError."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()


def check_authority(path: Path) -> None:
    """See that a file holds a whole certificate and its key. Raises EngineError; Squid would not name the file."""
    data = path.read_bytes()
    try:
        certificate = x509.load_pem_x509_certificate(data)
        certificate.verify_directly_issued_by(certificate)
        key = serialization.load_pem_private_key(data, None)
        if key.public_key() != certificate.public_key():
            raise ValueError("its key is another certificate's")  # noqa: TRY301 - damaged like the others
    except (ValueError, TypeError, InvalidSignature) as error:
        why = str(error) or "its signature is wrong"
        raise EngineError(
            f"`{path}` is damaged ({why}); put it back from a backup, or remove it and install the new certificate on "
            "the school's computers"
        ) from error


def _certificate(key: ec.EllipticCurvePrivateKey, name: str, at: datetime) -> x509.Certificate:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
