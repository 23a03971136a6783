"""Training: the loop, its schedule, weight normalisation and the run's folder."""
