"""Files that put the school's certificate on a computer. Each holds the certificate itself, so one file is enough.

They also tell Chromium, Edge and Firefox not to hide site names (ECH): on these computers a hidden name is then never
an empty one, and the gateway may refuse it.
"""

import json
from collections.abc import Callable, Mapping

_WINDOWS = """@echo off\r
rem Run as administrator. Puts the school's certificate where Windows, Chrome, Edge and Firefox look for it.\r
set "file=%TEMP%\\darbaza-school.crt"\r
if exist "%file%" del "%file%"\r
{lines}\
certutil -addstore -f Root "%file%" || exit /b 1\r
del "%file%"\r
set "policy=/v EncryptedClientHelloEnabled /t REG_DWORD /d 0 /f"\r
reg add "HKLM\\SOFTWARE\\Policies\\Google\\Chrome" %policy%\r
reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge" %policy%\r
reg add "HKLM\\SOFTWARE\\Policies\\Chromium" %policy%\r
set "firefox=HKLM\\SOFTWARE\\Policies\\Mozilla\\Firefox"\r
reg add "%firefox%\\Certificates" /v ImportEnterpriseRoots /t REG_DWORD /d 1 /f\r
reg add "%firefox%" /v DisableEncryptedClientHello /t REG_DWORD /d 1 /f\r
"""

_LINUX = """#!/bin/sh
# Run as root. Puts the school's certificate where the system, Chromium and Firefox look for it.
set -eu
file=/usr/local/share/ca-certificates/darbaza-school.crt
install -d /usr/local/share/ca-certificates
cat >"$file" <<'CERTIFICATE'
{pem}CERTIFICATE
chmod 644 "$file"
update-ca-certificates
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
      certutil -A -d "sql:$home/.pki/nssdb" -n darbaza-school -t C,, -i "$file"
    fi
  done
fi
"""


def certificate(pem: bytes) -> bytes:
    """The certificate alone: for Android, and to be looked at."""
    return pem


def windows(pem: bytes) -> bytes:
    """A command file for Windows 8.1 and newer."""
    lines = "".join(f'>>"%file%" echo {line}\r\n' for line in pem.decode("ascii").splitlines())
    return _WINDOWS.format(lines=lines).encode("ascii")


def linux(pem: bytes) -> bytes:
    """A shell script for Debian and its kin."""
    where = "/usr/local/share/ca-certificates/darbaza-school.crt"
    firefox = {"policies": {"Certificates": {"Install": [where]}, "DisableEncryptedClientHello": True}}
    return _LINUX.format(
        pem=pem.decode("ascii"),
        chromium=json.dumps({"EncryptedClientHelloEnabled": False}),
        firefox=json.dumps(firefox),
    ).encode("ascii")


FILES: Mapping[str, Callable[[bytes], bytes]] = {
    "school.crt": certificate,
    "install-windows.cmd": windows,
    "install-linux.sh": linux,
}
