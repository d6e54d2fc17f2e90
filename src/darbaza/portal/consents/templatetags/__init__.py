"""How consents are worded in templates."""
