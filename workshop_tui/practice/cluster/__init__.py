"""The practice cluster: a Kubernetes API server, its controllers, and one node."""
