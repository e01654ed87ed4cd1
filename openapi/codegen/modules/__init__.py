"""The generator of the collection's modules and of the descriptions they share with the library.

`python -m openapi.codegen modules` writes, `--check` only tells what differs. One direction, one job per file:
schema (the document) and catalogue, notes (what the document cannot say) -> properties, calls, describe: a Kind
-> words, documentation, results, shapes: a Module -> render. adapt is for other documents than the committed one.
"""
