"""Jupyter inside an environment. A person's own ~/.jupyter is read after this file and wins."""

import logging
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821


class Masked(logging.Filter):
    """Takes the token out of what is logged: Jupyter writes the address of a request that fails as it came."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where the token stands in it; every record passes."""
        token = Path("/run/solvent/token").read_text()
        text = record.getMessage()
        if token in text:
            record.msg, record.args = text.replace(token, "[token]"), None
        return True


# Added to what Jupyter configures itself: the handler "console" is the one that it writes everything with.
c.ServerApp.logging_config = {
    "filters": {"masked": {"()": Masked}},
    "handlers": {"console": {"filters": ["masked"]}},
}

# The container's network is the boundary: the port is published on 127.0.0.1 only, and a token is required.
c.ServerApp.ip = "0.0.0.0"  # noqa: S104
c.ServerApp.port = 8888
# Another port than the published one would be a server that nobody reaches: fail instead.
c.ServerApp.port_retries = 0
c.ServerApp.base_url = "/"
c.ServerApp.root_dir = "/workspace"
c.ServerApp.open_browser = False
# Shutting down is Solvent's: a stopped server would look like a crashed environment.
c.ServerApp.quit_button = False
# Not a login shell, which Jupyter starts by default: /etc/profile would reset the PATH.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}

# One Python kernel is offered, Solvent's; the IDE's own, which sees the IDE's packages, is not.
c.KernelSpecManager.ensure_native_kernel = False
# Sockets of the runtime folder, which only the user can open, instead of TCP ports.
c.KernelManager.transport = "ipc"

# Nothing asks the internet on its own: no news, no look for updates, no extension from an index.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
