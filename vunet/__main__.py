"""`python -m vunet`."""

from vunet.cli import main

if __name__ == "__main__":
    main()
