"""Supervised sessions: which lesson is under way in a room, who answers for it, and who sits at which device (2.7-2.9).

A session lives while its supervisor is present: the console renews a lease, and where nobody renews it, access stops.
Every change raises the sequence of one row, in the same transaction; boxes and consoles watch that row.
"""
