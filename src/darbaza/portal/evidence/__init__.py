"""Does the school do what its regulation says? Every clause, its controls, and live evidence that they hold.

Nothing is ever *met* because somebody ticked a box: a control is proved by evidence that the records hold today and
that is younger than its term, or it is not proved. `judging` decides that, on values; `gathering` reads the records.
"""
