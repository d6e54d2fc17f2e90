"""dnsdist: which names are answered."""
