"""The school's table of screen time by grade, with the source of every line."""
