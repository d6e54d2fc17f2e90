"""Faults under load, in the lab: what breaks at a school is broken here, and nothing forbidden may ever get through.

`script/soak` runs each part at its full length and prints what was measured beside what must hold; `tests/faults` runs
the same code in short. Students' PCs ask for allowed and forbidden things all the while, and the judge reads the
internet's own book: a byte where none may come is a failure, whatever else went well. docs/soak.md tells the rest.
"""
