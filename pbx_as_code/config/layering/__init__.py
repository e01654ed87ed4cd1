"""Layers: directories whose declarations are merged into one configuration."""
