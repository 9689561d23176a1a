"""Open Referral formats in and out: HSDS 3, Open Referral UK v3 and v1, HSDS 1.1, any CSV."""
