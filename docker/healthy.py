"""Exit 0 while the web server of this container answers."""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

SECONDS = 4


def main() -> int:
    server = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=SECONDS)
    try:
        server.request("GET", "/healthz")
        return int(server.getresponse().status != HTTPStatus.OK)
    except (OSError, HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
