"""Where and when computations run: device and precision, engines, the queue of renders, worker processes."""
