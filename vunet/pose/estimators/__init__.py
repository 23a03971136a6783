"""Pose estimation: who is in a photo, and where their joints are."""
