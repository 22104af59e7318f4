"""`python -m tests.conformance > docs/bpmn-support.md` says which constructs run, with proofs."""

from __future__ import annotations

import sys

from tests.conformance.support import page

if __name__ == "__main__":
    sys.stdout.write(page())
