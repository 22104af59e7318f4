"""The parts of a diagram's picture: what the file says, how text fits, how shapes look."""
