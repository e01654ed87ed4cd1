"""ansible-test's sanity tests, run by `make sanity`."""
