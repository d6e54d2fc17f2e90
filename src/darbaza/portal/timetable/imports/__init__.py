"""Timetables from other programs: aSc Timetables XML, and tables in xlsx, xls, ods or CSV.

`asc` and `sheets` turn a file into rows of text that say where they stood, `plan` finds what they mean at this school,
`actions` applies the whole or nothing, and undoes it.
"""
