"""Streams of the API server: exec, attach and port-forward, over SPDY/3.1 and over WebSockets."""
