"""One person in pixels, for the page and for training alike: from a photo to what the model reads, and back."""
