"""What the school publishes (2.6, 2.14-2.17, 3.2): drafts, checks, the one door to the public, take-downs."""
