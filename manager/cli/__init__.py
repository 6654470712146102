"""The command line: click in; a table or JSON out on stdout, everything else on stderr."""
