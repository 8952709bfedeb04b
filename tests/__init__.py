"""The tests; a package, so that `tests.fakes` is this folder and not one that a dependency left in site-packages."""
