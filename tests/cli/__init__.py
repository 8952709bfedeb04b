"""Tests of the command line, through the same entry point as users."""
