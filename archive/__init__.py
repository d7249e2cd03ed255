"""Turns FITS files and images into exposures and cutouts, once each."""
