"""The probe: runs the learner's module in a process of its own, with recorders in place of its libraries.

It imports nothing of ours and nothing but the standard library: its process sees no installed package.
"""
