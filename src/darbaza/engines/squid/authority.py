"""The school's certificate authority for refusal pages: made on the box, and its key never leaves it.

Squid wants a certificate on any port that looks into TLS hellos, even where nothing is decrypted. Devices that trust
it get a refusal page in place of a closed connection; what is allowed is decrypted only where a decision names them.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from darbaza.engines.base import EngineError

YEARS = 5


def make_authority(path: Path, name: str, at: datetime) -> None:
    """Write certificate and key to `path` unless it exists, and the certificate alone, to install on devices, beside it
    with the suffix `.crt`. Valid for five years from `at`. Raises EngineError if what is there is damaged, OSError."""
    if path.exists():
        check_authority(path)
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
    path.with_suffix(".crt").write_bytes(certificate)


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
