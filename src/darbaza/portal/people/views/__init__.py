"""Pages of people, classes and the roster."""
