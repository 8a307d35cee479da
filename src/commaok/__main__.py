"""``python -m commaok`` is the ``commaok`` command."""

from commaok.cli import main

if __name__ == "__main__":
    main()
