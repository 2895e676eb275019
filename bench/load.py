"""Load generation by wrk, which cycles through the requests."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from typing import Self

from bench import programs
from bench.measured import Measured
from bench.sockets import send_at_once
from bench.targets import Target

_BATCH = 100

_CYCLE = r"""
local number = 0

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    failed.connect + failed.read + failed.write + failed.status + failed.timeout
  ))
end
"""


@dataclass(frozen=True)
class Load:
    """A server's port and the wrk script with the requests."""

    port: int
    script: str = field(repr=False)

    @classmethod
    def of(cls, port: int, targets: Sequence[Target]) -> Self:
        """Prepare the requests, after each has been sent once and its response checked."""
        requests = [target.request for target in targets]
        for start in range(0, len(requests), _BATCH):
            responses = send_at_once(port, requests[start : start + _BATCH])
            for target, response in zip(targets[start:], responses, strict=False):
                target.check(response)
        # Lua strings support the escapes of these JSON strings.
        lines = ",\n".join(json.dumps(request.decode()) for request in requests)
        return cls(port, f"local requests = {{\n{lines}\n}}\n{_CYCLE}")

    def run(self, connections: int, seconds: int) -> Measured:
        """Keep the connections busy for `seconds`, from one thread."""
        with NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(self.script)
            script.flush()
            options = f"-t1 -c{connections} -d{seconds}s -s {script.name} http://127.0.0.1:{self.port}"
            printed = programs.run([programs.find("wrk"), *options.split()])
        summary = json.loads(printed.splitlines()[-1])
        return Measured(
            per_second=summary["requests"] / summary["microseconds"] * 1_000_000,
            p50_ms=summary["p50"] / 1000,
            p99_ms=summary["p99"] / 1000,
            errors=summary["errors"],
        )
