"""Trains the network that corrects D's pictures by the mannequin."""
