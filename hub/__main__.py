"""`python -m hub` and the console script `sverka`."""

from __future__ import annotations

from hub.cli.app import cli


def main() -> None:
    """Run the command line; the process ends with the command's exit code."""
    cli.main()


if __name__ == "__main__":
    main()
