"""HTTP: parse a request, run one command, answer."""
