"""What one visitor makes, and what all visitors share."""
