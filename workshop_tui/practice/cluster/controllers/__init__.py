"""The control loops: each brings what is there closer to what is asked for, one object at a time."""
