"""The portal (Django): where people, orders, councils, schedule and lessons are kept."""
