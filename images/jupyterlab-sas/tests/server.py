"""Without a server the SAS kernel starts, and the first cell says what is missing and how to name it."""

import jupyter_client
import saspy

assert saspy.__version__
manager, client = jupyter_client.manager.start_new_kernel(kernel_name="sas")
said = []
try:
    reply = client.execute_interactive("data _null_; run;", timeout=60, output_hook=said.append)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
assert reply["content"]["status"] == "error", reply
assert "needs a SAS server" in reply["content"]["evalue"], reply
assert "sascfg_personal.py" in str(said), said
