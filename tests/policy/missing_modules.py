"""A Python without the packages that read Markdown, YAML and HCL."""

from __future__ import annotations

import builtins
from typing import Any

import pytest


def leave_out(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let the import of *module* fail, as where its package is not installed."""
    real = builtins.__import__

    def importing(name: str, *others: Any) -> Any:
        if name == module:
            raise ModuleNotFoundError(name)
        return real(name, *others)

    monkeypatch.setattr(builtins, "__import__", importing)
