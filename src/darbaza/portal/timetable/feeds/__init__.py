"""iCalendar feeds of a teacher, a class or a room, at secret personal addresses."""
