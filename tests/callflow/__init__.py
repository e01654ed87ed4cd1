"""Tests of the call flow: the graph, hours, traces."""
