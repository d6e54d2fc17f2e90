"""Which resource belongs to which group (2.13): the classification officer's queue, assignments, the state register.

An assignment overrides what lists say of a resource and never takes it out of the statutory layer. Every one is an act
with a number, a name and a day, and can be taken back. Reports of resources that should be closed, and of refusals that
were wrong, wait here with a deadline. The state's register closes to everybody; it comes as a file.
"""
