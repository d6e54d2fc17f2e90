"""A student asks the teacher to open a refused resource for the lesson, and is answered where they sit (2.7, 2.8)."""
