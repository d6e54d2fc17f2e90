"""What the supervisor tells the class teacher about deliberate attempts (2.7); a first, simple form."""
