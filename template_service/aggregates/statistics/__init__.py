"""Statistics as the Office for Health Improvement and Disparities (OHID) makes them.

Pure functions on numbers and arrays: proportions, rates, directly standardised rates, slopes over a
gradient, comparison with the city. None rounds, none formats, none knows where a count came from.
"""
