"""The verdict log: what boxes answered, to whom and on what ground; kept apart from the portal's main database.

Today is an SQLite file, each older day a Parquet file, and a day is deleted by deleting its file. The log holds hosts,
never paths or screens. A child's history is opened only with a stated purpose, and that is itself recorded.
"""
