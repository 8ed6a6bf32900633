"""How long it takes to check many policies, and how much memory, against a full catalog."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks.measure import Aim, Result
from benchmarks.policies import policy_texts
from iam_catalog.database import open_database
from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.read.files import read_documents

POLICIES = 1000
FEW, MANY = 2_000, 20_000

STREAMED = """
import resource, sys
from iam_catalog import Catalog
from iam_catalog.policy.read.files import read_file
with Catalog(sys.argv[1]) as catalog:
    for document in read_file("-"):
        catalog.check_policy(document)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def checking(full: Path, rounds: int) -> list[Result]:
    """CPU time of 1,000 policies from nothing to all findings, and memory over JSON Lines."""
    connection = sqlite3.connect(f"{full.as_uri()}?mode=ro", uri=True)
    content = "\n".join(policy_texts(connection, POLICIES)).encode()
    connection.close()
    times = [seconds_of_check(full, content) for _ in range(max(3, rounds))]
    few, many = peak(full, content, FEW), peak(full, content, MANY)
    name = f"check: peak memory, {FEW:,} policies"
    return [
        Result(f"check: {POLICIES:,} policies", median(times), None, Aim(0.5)),
        Result(name, few, None, None, "MB"),
        Result(f"check: peak memory, {MANY:,} policies", many, many / few, Aim(1.1, name), "MB"),
    ]


def seconds_of_check(full: Path, content: bytes) -> float:
    """From JSON Lines to findings, with nothing read of the catalog before."""
    with closing(open_database(str(full))) as connection:
        start = time.process_time()
        checker = Checker(connection)
        for document in read_documents("policies.jsonl", content):
            checker.findings(document)
        return time.process_time() - start


def peak(full: Path, content: bytes, count: int) -> float:
    """Of a process that reads so many policies from a pipe, in MB; no two of them are equal."""
    command = [sys.executable, "-c", STREAMED, str(full)]
    policies = [json.loads(line) for line in content.split(b"\n")]
    with tempfile.TemporaryFile() as stream:
        for number in range(count):
            policy = {"Id": f"policy-{number}", **policies[number % len(policies)]}
            stream.write(f"{json.dumps(policy)}\n".encode())
        stream.seek(0)
        done = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    return int(done.stdout) / 1024
