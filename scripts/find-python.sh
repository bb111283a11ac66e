# Sourced by scripts/up and scripts/test: sets $python to a Python of at least 3.11.
for python in python3 python3.14 python3.13 python3.12 python3.11 python none; do
    if [ "$python" = none ]; then
        echo "Masthead needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)." >&2
        exit 1
    fi
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        break
    fi
done
