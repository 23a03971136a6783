"""The detail network's training: D's picture becomes one of twice its side."""
