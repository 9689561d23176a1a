"""The store, one module per thing kept; functions take a connection and an organisation."""
