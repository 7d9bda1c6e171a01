"""HTTP of the centre, one router an area."""
