"""The console: server-rendered pages and the fragments htmx swaps into them."""
