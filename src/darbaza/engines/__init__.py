"""Engine adapters: render, check, apply, verify; one folder an engine."""
