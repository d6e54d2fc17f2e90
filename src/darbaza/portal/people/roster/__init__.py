"""The roster of students, as the school's office exports it: read, compared with what is known, applied whole or not.

`reading` turns a file into rows of text, `columns` finds which column is which, `plan` compares, `actions` applies and
undoes. Everything wrong with a file is told at once, by row and column, and nothing is changed until it is right.
"""
