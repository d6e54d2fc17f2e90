"""Files that put the school's certificate on a computer, and the next one where there is one.

Each holds the certificates themselves, so one file is enough.

They also tell Chromium, Edge and Firefox not to hide site names (ECH): on these computers a hidden name is then never
an empty one, and the gateway may refuse it.
"""

import json
from collections.abc import Callable, Mapping, Sequence

_WINDOWS = """@echo off\r
rem Run as administrator. Puts the school's certificate where Windows, Chrome, Edge and Firefox look for it.\r
set "file=%TEMP%\\darbaza-school.crt"\r
{parts}\
set "policy=/v EncryptedClientHelloEnabled /t REG_DWORD /d 0 /f"\r
reg add "HKLM\\SOFTWARE\\Policies\\Google\\Chrome" %policy%\r
reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge" %policy%\r
reg add "HKLM\\SOFTWARE\\Policies\\Chromium" %policy%\r
set "firefox=HKLM\\SOFTWARE\\Policies\\Mozilla\\Firefox"\r
reg add "%firefox%\\Certificates" /v ImportEnterpriseRoots /t REG_DWORD /d 1 /f\r
reg add "%firefox%" /v DisableEncryptedClientHello /t REG_DWORD /d 1 /f\r
"""

_WINDOWS_PART = """if exist "%file%" del "%file%"\r
{lines}\
certutil -addstore -f Root "%file%" || exit /b 1\r
del "%file%"\r
"""

_LINUX = """#!/bin/sh
# Run as root. Puts the school's certificate where the system, Chromium and Firefox look for it.
set -eu
folder=/usr/local/share/ca-certificates
install -d "$folder"
rm -f "$folder"/darbaza-school*.crt
{parts}update-ca-certificates --fresh
for folder in /etc/chromium /etc/opt/chrome /etc/opt/edge; do
  install -d "$folder/policies/managed"
  printf '%s\\n' '{chromium}' >"$folder/policies/managed/darbaza.json"
done
install -d /etc/firefox/policies
if [ -e /etc/firefox/policies/policies.json ]; then
  echo "Firefox has policies already: add {firefox} to /etc/firefox/policies/policies.json by hand" >&2
else
  printf '%s\\n' '{firefox}' >/etc/firefox/policies/policies.json
fi
if command -v certutil >/dev/null; then
  for home in /root /home/*; do
    if [ -d "$home/.pki/nssdb" ]; then
      for file in "$folder"/darbaza-school*.crt; do
        certutil -A -d "sql:$home/.pki/nssdb" -n "$(basename "$file" .crt)" -t C,, -i "$file"
      done
    fi
  done
fi
"""


def certificate(pems: Sequence[bytes]) -> bytes:
    """The certificate in use alone: for Android, and to be looked at."""
    return pems[0]


def next_certificate(pems: Sequence[bytes]) -> bytes:
    """The one that comes after it; empty while there is none."""
    return pems[1] if len(pems) > 1 else b""


def windows(pems: Sequence[bytes]) -> bytes:
    """A command file for Windows 8.1 and newer."""
    lines = ("".join(f'>>"%file%" echo {line}\r\n' for line in pem.decode("ascii").splitlines()) for pem in pems)
    parts = "".join(_WINDOWS_PART.format(lines=each) for each in lines)
    return _WINDOWS.format(parts=parts).encode("ascii")


def linux(pems: Sequence[bytes]) -> bytes:
    """A shell script for Debian and its kin."""
    names = ["darbaza-school.crt", *(f"darbaza-school-next{n or ''}.crt" for n in range(len(pems) - 1))]
    parts = (
        f'cat >"$folder/{name}" <<\'CERTIFICATE\'\n{pem.decode("ascii")}CERTIFICATE\nchmod 644 "$folder/{name}"\n'
        for name, pem in zip(names, pems, strict=True)
    )
    where = [f"/usr/local/share/ca-certificates/{name}" for name in names]
    firefox = {"policies": {"Certificates": {"Install": where}, "DisableEncryptedClientHello": True}}
    return _LINUX.format(
        parts="".join(parts),
        chromium=json.dumps({"EncryptedClientHelloEnabled": False}),
        firefox=json.dumps(firefox),
    ).encode("ascii")


FILES: Mapping[str, Callable[[Sequence[bytes]], bytes]] = {
    "school.crt": certificate,
    "school-next.crt": next_certificate,
    "install-windows.cmd": windows,
    "install-linux.sh": linux,
}
