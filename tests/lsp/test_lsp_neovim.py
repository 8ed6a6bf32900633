"""A real editor, Neovim without a window, starts the server and gets its answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lsp_client import SERVER
from small_catalog import build_small_catalog

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "store:Tag"}]}\n'

# `vim.lsp.start_client` is how Neovim before 0.8 starts a server.
SCRIPT = """
local command = vim.fn.json_decode(vim.env.IAM_CATALOG_COMMAND)
local client = vim.lsp.start_client({ name = "iam-catalog", cmd = command, root_dir = vim.fn.getcwd() })
vim.cmd("edit policy.json")
vim.bo.filetype = "json"
vim.lsp.buf_attach_client(0, client)
local function diagnostics() return vim.diagnostic.get(0) end
vim.wait(60000, function() return #diagnostics() > 0 end, 50)
local params = {
  textDocument = vim.lsp.util.make_text_document_params(),
  position = { line = 0, character = 80 },
}
local answers = vim.lsp.buf_request_sync(0, "textDocument/completion", params, 60000)
local labels = {}
for _, item in ipairs(answers[client].result.items) do table.insert(labels, item.label) end
local codes = {}
for _, found in ipairs(diagnostics()) do table.insert(codes, found.code) end
table.sort(codes)
local file = io.open("answers.json", "w")
file:write(vim.fn.json_encode({ labels = labels, codes = codes }))
file:close()
vim.lsp.stop_client(client)
vim.cmd("qall!")
"""  # noqa: E501   Lua


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim (nvim) is not installed here")
def test_neovim_gets_findings_and_offers(tmp_path: Path) -> None:
    catalog = build_small_catalog(tmp_path / "catalog")
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "script.lua").write_text(SCRIPT, encoding="utf-8")
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "IAM_CATALOG_COMMAND": json.dumps([*SERVER, catalog]),
    }
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-n", "-c", "luafile script.lua"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    answers = tmp_path / "answers.json"
    assert answers.is_file(), done.stdout + done.stderr
    assert json.loads(answers.read_text(encoding="utf-8")) == {
        "labels": ["store:Tag*", "store:TagShelf"],
        "codes": ["effect-value", "missing-resource", "unknown-action"],
    }
