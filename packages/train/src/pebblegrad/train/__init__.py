"""The training loop that everyone writes, done well, in files that one can read."""
