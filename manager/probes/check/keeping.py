"""What every engine that speaks no SQL is asked: the words that probes have for a store."""


class Store:
    """What a store is asked. ``types`` has a kind of value that it keeps, or None where it has no such thing."""

    name = ""
    types = {}
    # Whether the fresh place lies in the database that is connected to anyway.
    beside = False

    def greet(self, connection):
        """Ask the simplest thing there is; raises Wrong unless it has its answer."""
        raise NotImplementedError

    def errors(self, driver, of):
        """Give the classes of the driver's errors: of all, of a refused ``login``, of an ``unreachable`` server."""
        raise NotImplementedError

    def stored(self, subject, kind, values):
        """Keep values one after the other; give what comes back of each."""
        raise NotImplementedError

    def mistake(self, connection):
        """Ask for something that the server refuses."""
        raise NotImplementedError

    def cipher(self, connection):
        """Give the cipher of its connection, last; nothing where it is not encrypted."""
        raise NotImplementedError

    def parts(self, connection):  # noqa: ARG002
        """Give what a connection is made of, by name: what prints itself may print the password."""
        return []

    def enter(self, connection, schema):
        """Let names without a place mean that one: each name here has it."""

    def make_database(self, subject):
        """Make the fresh place that the subject names."""

    def drop_database(self, subject):
        """Remove it with all that is in it."""
        raise NotImplementedError

    def drop_tables(self, subject, tables):  # noqa: ARG002
        """Remove what was made where no fresh place was."""
        self.drop_database(subject)

    def sweep(self, subject):
        """Remove what a killed probe left behind."""
        if "read-only" not in subject.source.get("capabilities", ()):
            self.drop_database(subject)

    def autocommit(self, connection):
        """Let each command stand for itself, as it does anyway."""
