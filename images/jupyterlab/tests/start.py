"""The server starts without the grammar of addresses, and a schema that asks for it still refuses a wrong one."""

import subprocess

SERVER = """
import sys
import jupyterlab.labapp
from jsonschema import Draft7Validator
before = "lark" in sys.modules
check = Draft7Validator({"format": "iri"}, format_checker=Draft7Validator.FORMAT_CHECKER).is_valid
print(before, check("http://example.org/\u00fc"), check("http://example.org/ "), "lark" in sys.modules)
"""

words = ["/opt/solvent/ide/bin/python", "-I", "-c", SERVER]
done = subprocess.run(words, capture_output=True, text=True, check=True)
assert done.stdout.split() == ["False", "True", "False", "True"], done.stdout
