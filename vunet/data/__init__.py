"""Training data: a folder of photos becomes an index of framed people, and the index becomes batches."""
