"""Training of the hierarchical prior, after the model and through its fixed decoder."""
