"""Readings of this machine, and of what it can reach, for the doctor. They look, and change nothing."""
