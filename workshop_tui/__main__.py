"""`python -m workshop_tui` is the command `workshop-tui`."""

from workshop_tui.cli.main import main

if __name__ == "__main__":
    main()
