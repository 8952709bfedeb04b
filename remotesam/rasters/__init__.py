"""Rasters of any size and number: a GeoTIFF in, vectors and maps out.

What happens to a raster, a file of this package each::

    source   opens it: bands, one stretch for all, nodata and alpha, area, ground sampling distance (grid)
    tiles    covers the grid with overlapping tiles; some of them make a unit
    engines  have units answered (pipeline, ask) here, in processes, or on a Ray cluster, in any order
    tile_store  keeps the answers, a file a unit: what is there is done
    blend    gives any window of the seamless map, the same whoever asks
    blocks   finds connected components of a block at a time, and the pieces at its edges
    merge    joins the pieces, parts what touches (objects) and puts everything in one order
    vectors, maps, preview  write it
"""
