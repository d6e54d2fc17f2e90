"""Lessons that teachers ask for, and what is answered."""
