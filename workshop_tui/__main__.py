"""`python -m workshop_tui` is `workshop-tui`."""

from workshop_tui.cli.main import main

main()
