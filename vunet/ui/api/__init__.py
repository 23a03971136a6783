"""The page's functions as an API, and photos that reach it."""
