"""The page: layout, handlers, and the skeleton editor. It uses the `Studio` and nothing below it."""
