"""How the page is served, and what protects the server."""
