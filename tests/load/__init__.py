"""Made-up young people by the hundred, led through every programme with random answers."""
