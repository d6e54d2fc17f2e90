"""What may be published about people, and what may not (2.6, 2.14-2.17): pure, no database, time is an argument."""
