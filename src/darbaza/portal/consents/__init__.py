"""Who agreed to what being published about whom (2.15-2.17): asked on paper or by a personal link, kept, withdrawn."""
