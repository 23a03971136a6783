"""What the page's own components share in the browser: words, pure geometry, drawing. ES modules, no front-end build."""
