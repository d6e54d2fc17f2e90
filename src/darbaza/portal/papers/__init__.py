"""Paper: what the school prints of its records, how a print is checked against them, and scans of what was signed.

A document is gathered from the records as plain facts; the digest of the facts is its code, and the sheet is set from
the facts and from nothing else. So the code vouches for what stands on the paper, in whichever language it was printed.
"""
