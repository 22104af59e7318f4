"""Speed against a bare transaction on the same server: `python -m tests.bench`."""
