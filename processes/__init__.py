"""Deploy, lint, run, deadlines, scheduler, simulate: everything that moves a case."""
