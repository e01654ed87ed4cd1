"""The side of httpx: connections, TLS, proxies, and bodies read piece by piece. Loaded with the first request."""
