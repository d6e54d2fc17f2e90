"""Signs that access is shared or passed on (2.10, 3.1): evidence for the person responsible, and no accusation."""
