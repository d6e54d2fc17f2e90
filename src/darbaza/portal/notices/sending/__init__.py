"""How a message leaves the portal. `routes` knows the ways; only the process that sends imports it."""
