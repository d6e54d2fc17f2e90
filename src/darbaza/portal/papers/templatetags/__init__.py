"""Tags of the sheets' templates."""
