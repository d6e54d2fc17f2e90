"""On the box, without Django: fetch, verify, activate, fall back, ship the verdict log."""
