"""Makes triplet sets of any data sets: sentences of three kinds, tiles of large images, no copies, no leaks."""
