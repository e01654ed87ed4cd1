"""The generator of the collection's modules: document + catalogue -> documentation, argument spec, entity description.

`python -m openapi.codegen modules` writes, `--check` only tells what differs. One direction, one job per file:
naming, schema (the document) and catalogue (what the document cannot say) -> properties, read_only, describe
-> documentation, options, results -> render.
"""
