"""The terminal UI: the same plans as the command line, looked at side by side. Textual is at home here alone."""
