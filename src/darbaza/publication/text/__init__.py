"""Personal data in written text: whose names stand there, and what else says who somebody is or where they live.

`Roster.of(people)` is made once for a school (tens of milliseconds for 1,500 people); `find_in_text` then looks through
a text in Kyrgyz or Russian, in Cyrillic or Latin letters. Pure: no database, no clock, no network.
"""

from darbaza.publication.text.find import find_in_text
from darbaza.publication.text.roster import Named, Roster

__all__ = ["Named", "Roster", "find_in_text"]
