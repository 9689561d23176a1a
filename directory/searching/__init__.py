"""Full text search: from the words somebody types to services, best first.

`words` reads the text, `alternatives` says it in other words, `needs_meant` tells which needs are
behind it, `full_text` asks the index, `finder` puts these together.
"""
