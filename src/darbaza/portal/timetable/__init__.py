"""The schedule of internet use: worked out by the responsible person, approved by an order, in force (2.1-2.4).

A version is never changed once it is approved; the next one supersedes it on its first day. What happens outside the
schedule is a recorded exception, with a reason and the name of whoever answers for it.
"""
