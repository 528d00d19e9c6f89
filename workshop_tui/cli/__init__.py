"""The command line: thin, a file a command group. Its names, shapes and exit codes are a contract."""
