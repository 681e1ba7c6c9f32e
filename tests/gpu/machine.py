"""The machine behind the numbers: device, versions, driver and processor."""

import platform
import shutil
import subprocess
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from superpos_core.machine.cores import usable_cores


def description(device: str) -> dict[str, str]:
    """The facts, keyed by name."""
    import torch

    facts = {"device": device, "torch": torch.__version__, "python": platform.python_version()}
    if device.startswith("cuda"):
        from superpos_core.engine.torch.devices import resolve_device

        properties = torch.cuda.get_device_properties(resolve_device(device))
        facts["device"] = f"{properties.name} ({properties.total_memory / 2**30:.0f} GiB)"
        capability = f"compute capability {properties.major}.{properties.minor}"
        facts["CUDA"] = f"{torch.version.cuda}, {capability}"
        facts["driver"] = _driver()
    facts["processor"] = f"{_processor()}, {usable_cores()} cores used"
    facts["numba"] = metadata.version("numba") if find_spec("numba") else "not installed"
    return facts


def _driver() -> str:
    """The version of NVIDIA's driver, from the tool that comes with it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "unknown: no nvidia-smi"
    done = subprocess.run(
        [tool, "--query-gpu=driver_version", "--format=csv,noheader"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return (done.stdout.split() or ["unknown"])[0]


def _processor() -> str:
    """The processor's name, according to Linux if possible."""
    processors = Path("/proc/cpuinfo")
    if processors.exists():
        for line in processors.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
