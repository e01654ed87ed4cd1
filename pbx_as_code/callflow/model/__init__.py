"""Everything that a call can pass, as immutable values: objects, the edges between them, and the graph of both."""
