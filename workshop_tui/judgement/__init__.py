"""Small pure helpers for judging: roles, keys, comparisons, pods, answers, and commands to paste.

Steps use them through `workshop_tui.authoring`. Nothing here reads or changes anything.
"""
