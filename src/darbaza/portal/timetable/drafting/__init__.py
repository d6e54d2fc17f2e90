"""*Draft it for me*: the schedule worked out by a solver in a process of its own, which knows no Django.

`problem` says what is asked and what comes back, `solve` works it out, `reasons` says what could not be kept and why,
`faults` finds whatever a draft breaks. `gather` and `running` stand on the portal's side.
"""
