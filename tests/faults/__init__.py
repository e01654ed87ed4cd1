"""Tests of promises that hold whatever goes wrong."""
