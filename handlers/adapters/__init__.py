"""What stands behind the ports: the real thing, and a twin that needs nothing."""
