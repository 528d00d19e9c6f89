"""Runs inside az's own Python: commands from stdin (a JSON list a line), answers to stdout.

It is the unchanged az; only its start, half a second a command, is paid once.
"""

import contextlib
import io
import json
import logging
import sys

from azure.cli.core import get_default_cli


def run(arguments: list[str]) -> tuple[int, str, str]:
    """Run one command as `az` does and return exit code, output and error output."""
    for name in (None, "cli", "az"):
        logging.getLogger(name).handlers.clear()  # bound to the streams of the command before
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = get_default_cli().invoke(arguments, out_file=out)
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
    return code or 0, out.getvalue(), err.getvalue()


def main() -> None:
    """Serve until stdin ends."""
    answers = sys.stdout
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
