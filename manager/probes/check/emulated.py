"""The words of engines that are emulated: what is asked of an emulation is what needs no table and ends no session."""

from words import Words


class Fakesnow(Words):
    """Snowflake, as fakesnow emulates it on DuckDB."""

    name = "snowflake"
    series = "(select row_number() over (order by seq4()) as i from table(generator(rowcount => {n}))) as series"
    streams = False

    def fold(self, name):
        """A name without quotes is in capitals."""
        return name.upper()


_WORDS = {"snowflake": Fakesnow}


def known(engine):
    """Say whether the probes have words for an engine's emulation."""
    return engine in _WORDS


def words(engine, version=""):  # noqa: ARG001
    """Give the words of an engine's emulation."""
    return _WORDS[engine]()
