"""Support for operations: arguments checked against the document, and lists read page by page."""
