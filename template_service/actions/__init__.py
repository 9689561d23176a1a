"""Every state change of the service, one function each: authorised, one transaction, audited.

All take the running `Service` and the `Principal` first and everything else by keyword. Faces never
write the records any other way.
"""
