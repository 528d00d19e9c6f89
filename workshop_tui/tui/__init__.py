"""The TUI: screens and widgets that own their parts and talk by messages. It does no I/O of its own."""
