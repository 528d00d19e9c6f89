"""The node of the practice cluster: pulls images, runs pods, probes them, keeps their logs."""
