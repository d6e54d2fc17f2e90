"""What was done, by whom and when: an append-only chain in which every entry seals the one before it.

Every governance act writes exactly one entry inside its own transaction, so there is no act without its entry and no
entry without its act. Entries name people by their opaque ids and hold no names: a person can be forgotten without
breaking the chain.
"""
