"""The mocks: every file beside this one but core.py and what begins with _ registers its providers."""
import importlib
import pathlib

for path in sorted(pathlib.Path(__file__).parent.glob("[a-z]*.py")):
    if path.stem != "core":
        importlib.import_module(f".{path.stem}", __package__)
