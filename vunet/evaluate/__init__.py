"""Scores on people that were never trained on."""
