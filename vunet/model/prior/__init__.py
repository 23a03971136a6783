"""p(z|ŷ): the authors' autoregressive prior, and the hierarchical one that looks are drawn from."""
