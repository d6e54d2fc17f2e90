"""What if: a draft decision replayed on the last days of real traffic, before a council votes on it (2.6).

The log holds what was asked and which rule settled it. What a rule above the council's settled stays as it was,
whatever a council decides. Everything else is put to `decide` twice, once under what is in force and once under the
draft, each time as the request stood then: the same person, lesson and instant. Only what differs is counted.
"""
