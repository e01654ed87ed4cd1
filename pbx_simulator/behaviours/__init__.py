"""What operations do: entities by the schema alone, functions and actions by name where XAPI.md or the name says what."""
