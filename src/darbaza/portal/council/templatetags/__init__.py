"""Template tags of councils."""
