"""Pictures, films and folders of them, written to disk."""
