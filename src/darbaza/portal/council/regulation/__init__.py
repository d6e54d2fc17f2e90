"""The regulation as the school's own document: versions with their clauses, each approved by an act (1.1, 1.2)."""
