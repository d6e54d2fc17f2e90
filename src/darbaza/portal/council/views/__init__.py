"""Pages of orders and decisions."""
