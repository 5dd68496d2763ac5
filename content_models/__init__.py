"""WHAT the site publishes: one folder per content type, everything about it inside."""
