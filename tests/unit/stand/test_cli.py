"""The command line as a program among others."""

import os
import subprocess
import sys


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    egov = [sys.executable, "-c", "import sys; from services.stand.cli import main; sys.exit(main())"]
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ended = subprocess.run([*egov, "regulations"], stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writes)
    assert ended.stderr == ""
    assert ended.returncode == 141
