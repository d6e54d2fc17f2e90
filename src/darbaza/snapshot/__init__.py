"""The signed rulebook and presence that travel from the portal to the box, and the verdict events that travel back.

The portal builds a `Rulebook` (what is in force) and a `Presence` (who sits where, which lessons are open), turns each
into canonical bytes (`codec`) and signs those (`envelope`). The box takes only what a trusted key signed, what is newer
than anything it took before and what makes sense; otherwise the last good one stays (`store`). Verdict events are lines
of append-only files (`spool`). What a verdict says to people stands once, in three languages, in `wording`.
"""
