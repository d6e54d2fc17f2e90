"""Which host belongs to which category, and which list said so."""
