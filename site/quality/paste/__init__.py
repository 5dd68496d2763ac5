"""What is pasted into formatted text: cleaned, and shown before it goes in."""
