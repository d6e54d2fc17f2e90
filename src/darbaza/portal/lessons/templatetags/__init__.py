"""Tags of the pages of lessons."""
