"""Template tags of the log."""
