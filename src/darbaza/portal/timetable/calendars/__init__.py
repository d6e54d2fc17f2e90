"""The school year's calendar: made, edited while no version rests on it, and made anew as the next edition."""
