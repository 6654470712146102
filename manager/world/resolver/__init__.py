"""uv as a subprocess: requirements become a lock, a lock becomes an installed folder.

Index, proxy and authorities come from the mirrors that are set, and else from the environment and uv's own files;
nothing of them stands in a lock. Only wheels are taken: nothing of a package runs while it is installed.
"""

from manager.world.resolver.installing import install, offers, put
from manager.world.resolver.locking import beside, lock
from manager.world.resolver.uv import answers, default_index, version

__all__ = ["answers", "beside", "default_index", "install", "lock", "offers", "put", "version"]
