"""The page's words in every language, and errors as sentences."""
