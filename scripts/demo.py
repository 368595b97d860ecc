"""Make the documented call against the mock server and show the Run, then a call that is rejected.

Exits with 0 only if the Run is the one on the documentation page.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import yaml

from scripts.repository import ROOT, SPEC
from thread_runs import APIError, Client
from thread_runs_spec.standard_output import tolerate_closed_stdout

MOCK = [str(Path(sys.executable).parent / "thread-runs-mock"), "--port", "0"]


def main() -> None:
    # The operation is deprecated, which is not the subject of the demonstration.
    warnings.simplefilter("ignore", DeprecationWarning)
    examples = yaml.safe_load(SPEC.read_text("utf-8"))["components"]["examples"]
    documented = examples["RunDocumented"]["value"]
    with subprocess.Popen([*MOCK, "--quiet"], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            with Client(api_key="sk-demo", base_url=address) as client:
                run = client.beta.threads.runs.update(
                    thread_id=documented["thread_id"],
                    run_id=documented["id"],
                    **examples["ModifyRunDocumented"]["value"],
                )
                print(run)
                print("\nA call that is rejected:")
                try:
                    client.beta.threads.runs.update(thread_id=documented["thread_id"], run_id="run_x", metadata={})
                except APIError as error:
                    print(f"{type(error).__name__}: {error}")
        finally:
            server.terminate()
    if run.to_dict() != documented:
        sys.exit(f"demo: the Run is not the documented one:\n{json.dumps(documented, indent=2)}")
    print("\nThe Run equals the documented one.")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()
