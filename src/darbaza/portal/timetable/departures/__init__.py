"""Departures from the schedule in force: lessons moved or cancelled on a day, days closed to all."""
