"""The API server: requests in, objects, tables, watches and logs out."""
