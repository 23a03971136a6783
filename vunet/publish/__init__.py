"""Checkpoints and the demo on the Hugging Face Hub."""
