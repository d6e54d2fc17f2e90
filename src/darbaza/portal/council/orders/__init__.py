"""Orders: drafted, signed, repealed; who stands in for whom; duties given in an emergency (1.3, 2.5)."""
