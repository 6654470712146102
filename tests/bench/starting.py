"""Starts by turns: our image, and a stock JupyterLab of the same version on the same base with the same flags."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.mirrors import reach
from manager.core.containers import LABEL
from manager.core.ingredients import base_key
from manager.world.resolver import install
from manager.world.trees.form import normalise
from tests.bench import launching
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

# What pip leaves: a prefix with bytecode that is compiled when it is installed, and compared with its source by
# time at each import. Templates and tests of syntax do not compile, which pip does not mind either. No file of
# ours is in it, and nothing is configured but what a container needs to be reached at all.
_STOCK = """\
FROM {base}
COPY stock /opt/stock
RUN /opt/stock/bin/python -m compileall -q /opt/stock/lib || true; \
    mkdir -p /home/solvent /workspace && chown {uid}:{uid} /home/solvent /workspace
ENV HOME=/home/solvent LANG=C.UTF-8 SHELL=/bin/bash PATH=/opt/stock/bin:/usr/local/bin:/usr/bin:/bin
USER {uid}:{uid}
WORKDIR /workspace
CMD ["/opt/stock/bin/jupyter-lab", "--ip=0.0.0.0", "--no-browser"]
"""


def by_turns(world: World, turns: int) -> tuple[list[float], list[float]]:
    """Start and remove by turns, after one turn that does not count; gives both sides in seconds to ready."""
    ours, theirs = [], []
    launching.away(world)
    try:
        same = launching.as_launched(world)
        with _stock(world, same.uid) as image:
            stock = replace(same, words=(*same.words[:-1], image))
            for turn in range(turns + 1):
                one, other = launching.started(same), launching.started(stock)
                if turn:
                    ours.append(one)
                    theirs.append(other)
    finally:
        launching.away(world)
    return ours, theirs


@contextmanager
def _stock(world: World, uid: int) -> Iterator[str]:
    """Make the stock image, from the same versions of everything; give its reference, and take it away afterwards."""
    with managed(world) as manager, tempfile.TemporaryDirectory() as name:
        release = manager.catalog.release(launching.FAMILY, manager.today)
        lock = next(one for one in release.locks if one.kind == "ide")
        stock = Path(name, "stock")
        install(Path(lock.path).read_text(encoding="utf-8"), release.python, stock, reach=reach(manager, "python"))
        normalise(stock, release.python, "/opt/stock")
        base = manager.names.base(release.system, base_key(manager.catalog.system(release.system)))
        Path(name, "Dockerfile").write_text(_STOCK.format(base=base, uid=uid))
        reference = f"{world.realm}/bench-stock:{release.line}"
        # It inherits the labels of its base, and is none.
        words = ("docker", "build", "--quiet", "--label", f"{LABEL}kind=bench", "--tag", reference, name)
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    try:
        yield reference
    finally:
        docker("rmi", reference, check=False)
