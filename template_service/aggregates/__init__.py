"""What public health sees: facts, a frozen cube of rounded counts, releases and reports.

Nothing here knows a person. Facts come in without identity; only sums of rounded cells go out.
"""
