"""``python -m remotesam`` is the command ``remotesam``."""

from remotesam.cli import main

if __name__ == "__main__":
    main()
