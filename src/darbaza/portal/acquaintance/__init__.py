"""Users read the rules and accept them (2.12): on two screens, or a class together on a sheet of signatures."""
