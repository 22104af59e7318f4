"""What survives `kill -9`; the long form is `python -m tests.chaos`."""
