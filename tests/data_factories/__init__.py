"""Tiny look-alikes of data sets, drawn here: each builder writes the files and returns what it drew."""
