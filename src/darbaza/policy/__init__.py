"""The policy decision point: an access request and a rulebook in, a verdict out.

Pure and total. Nothing here reads a clock, a file or a socket: time is an argument, categories are looked up by the
caller and stand in the request. `decide` is the only implementation of a rule anywhere; live traffic, the console,
*Why?*, the command line, replay and the clause corpus all call it.
"""
