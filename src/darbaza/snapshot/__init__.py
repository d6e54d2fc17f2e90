"""The signed rulebook that travels from the portal to the box."""
