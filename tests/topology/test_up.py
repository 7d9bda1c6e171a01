"""``egov up`` as a newcomer starts it: on ports of their own, and what it tells."""

import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx

from services.stand.catalogue import SERVICES
from shared.kit.iin import make_iin
from shared.kit.ports import free_ports


def test_up_on_own_ports_tells_addresses_folder_and_the_token_that_certifies_a_person(tmp_path: Path) -> None:
    ports = dict(zip((service.code for service in SERVICES), free_ports(len(SERVICES)), strict=True))
    own = {f"EGOV_{code.upper().replace('-', '_')}_PORT": str(port) for code, port in ports.items()}
    command = [sys.executable, "-m", "services.stand", "up", "--data-dir", str(tmp_path / "data")]
    said = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **own}) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if "Ctrl-C stops it" in line:
                    break
            assert all(f"http://127.0.0.1:{port} " in said for port in ports.values())
            assert f"Data: {tmp_path / 'data'} (kept)" in said
            token = re.search(r"Enrolment token.*: (\S+)$", said, re.MULTILINE)
            assert token, said
            born = make_iin(date(1987, 7, 15), "male", 12)
            body = {"iin": born, "surname": "ЖАҢА", "given_name": "АДАМ"}
            made = httpx.post(
                f"http://127.0.0.1:{ports['pki']}/people", json=body, headers={"authorization": f"Bearer {token[1]}"}
            )
            assert made.status_code == httpx.codes.CREATED
            names = {language: {"surname": "ЖАҢА", "given_name": "АДАМ"} for language in ("kk", "ru")}
            entered = httpx.post(
                f"http://127.0.0.1:{ports['persons']}/__stand/persons", json={"iin": born, "names": names}
            )
            assert entered.status_code == httpx.codes.CREATED
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0
