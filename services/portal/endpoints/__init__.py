"""HTTP of the portal, one router an area."""
