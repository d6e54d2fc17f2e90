"""Threats and insults between people (3.3): from whoever was told of them to the commission that an order named."""
