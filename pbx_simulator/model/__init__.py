"""The OpenAPI document: types, operations, releases, and values that fit a type."""
