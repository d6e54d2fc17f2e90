"""Who belongs to the school: students and their classes, staff and their duties, and what each may do.

A duty exists only while an order in force says so (1.3, 2.5); this app reads appointments and `council` writes them.
"""
