"""What the OpenAPI document says: types, operations, releases, and values that fit a type."""
