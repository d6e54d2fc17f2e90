"""Pages of lessons: the teacher's list, the live console, and the students' captive page."""
