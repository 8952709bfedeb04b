"""Training: losses, schedule, resumable state, and the loop that joins them."""
