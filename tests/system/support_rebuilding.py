"""A build made again on another machine, as far as a build could see one."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.system.world import World

# No network, another name, time zone, umask, language and home.
_ELSEWHERE = "hostname elsewhere && umask 077 && exec env TZ=Pacific/Kiritimati LC_ALL=C HOME=/nonexistent"


def made_elsewhere(world: World, release: str) -> dict[str, dict[str, Any]]:
    """Make a release's build again from its locks and its archive; give what was checked, by its name."""
    command = " ".join(world.command("image", "verify", release, "--rebuild", "-o", "json"))
    done = subprocess.run(
        ["unshare", "--net", "--uts", "sh", "-c", f"{_ELSEWHERE} {command}"],
        env=os.environ | world.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.stdout, done.stderr
    results = {one["id"]: one for one in json.loads(done.stdout)["verify"]["results"]}
    assert (done.returncode == 0) == all(one["outcome"] == "pass" for one in results.values())
    assert {"rebuild.base", "rebuild.ide", "rebuild.kernel runtime", "rebuild.files"} <= results.keys()
    assert {"verify.layers", "verify.tree-kernel", "verify.archive-base"} <= results.keys()
    return results
