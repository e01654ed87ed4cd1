"""Query options, paths and $metadata, as OData has them."""
