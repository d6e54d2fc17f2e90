"""Where internet work takes place: rooms that an order equipped (2.5), their seats as they stand, and devices."""
