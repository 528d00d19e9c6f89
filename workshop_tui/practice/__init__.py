"""The practice cloud: local servers that speak enough of Azure, Kubernetes and a registry for real clients.

It runs in a process of its own, imports nothing of the rest of the project, and meets it on the wire only.
"""
