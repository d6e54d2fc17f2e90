"""What waits for whom, told: kept with the act itself, shown in the portal, sent outside where a person wants it."""
