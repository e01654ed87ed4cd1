"""Storage of the token that workers share: a private file of this machine, memory, or a redis server."""
