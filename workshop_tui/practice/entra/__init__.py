"""Entra ID as far as workloads and scripts need it: discovery, keys, the v2.0 token endpoint."""
