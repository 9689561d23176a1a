"""Who may do what: roles, sign-in, sessions, tokens, the policy of routes, the scope of records."""
