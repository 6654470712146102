"""The command line: click in, a table or JSON out."""
