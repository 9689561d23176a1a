"""What a referral is: its states, the moves between them, and its outcomes. No store, no web."""
