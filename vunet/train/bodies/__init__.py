"""E and D learn bodies from pairs of rendered people; what was learned from photos stays."""
