"""Boxes: enrolled by name, given the signed rulebook and the presence, and heard: their verdicts and their health.

The rulebook is built from what all other apps hold. A revision is stored only when its content changed, so a revision's
number tells that something in force changed and when.
"""
