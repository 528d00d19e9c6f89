"""Code that runs inside containers, not in the practice cloud."""
