# Sourced by the scripts beside it: makes .venv with everything pinned, from nothing but Python and pip.
# shellcheck shell=sh

# prepare_environment EXTRAS: EXTRAS is empty or "[dev]". Does nothing where it is as the pins say already.
prepare_environment() {
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "workshop-tui needs Python 3.11 or newer; $("$python" --version 2>&1) is what $python is." >&2
    echo "Name a newer one: PYTHON=/path/to/python3.12 $0" >&2
    exit 2
  }
  wanted="$1 $("$python" --version) $(cat pyproject.toml constraints.txt | cksum)"
  [ -f .venv/prepared ] && [ "$(cat .venv/prepared)" = "$wanted" ] && return 0
  echo "Preparing .venv (once; about a minute) …" >&2
  if [ ! -x .venv/bin/python ]; then
    # Debian splits ensurepip from Python: where venv cannot make a whole environment, virtualenv can.
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
      rm -rf .venv
      "$python" -m pip install --quiet --target .work/virtualenv virtualenv
      PYTHONPATH=.work/virtualenv "$python" -m virtualenv --quiet .venv
    fi
  fi
  uv_pin=$(grep '^uv==' constraints.txt)
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv_pin"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --constraints constraints.txt --editable ".$1"
  printf '%s' "$wanted" >.venv/prepared
}
