"""Where power comes from: the director's orders (1.3, 2.5) and the methodological council's decisions (2.6)."""
