"""Which processor this is."""

import platform
import re
from pathlib import Path

# Names by vendor, family and model, where the processor itself tells only a brand. From the vendors' lists of CPUID values.
NAMES = {
    ("GenuineIntel", 6, 85): "Skylake-SP or Cascade Lake", ("GenuineIntel", 6, 106): "Ice Lake-SP", ("GenuineIntel", 6, 143): "Sapphire Rapids",
    ("GenuineIntel", 6, 207): "Emerald Rapids", ("GenuineIntel", 6, 173): "Granite Rapids",
}
FAMILIES = {("AuthenticAMD", 23): "Zen or Zen 2", ("AuthenticAMD", 25): "Zen 3 or Zen 4", ("AuthenticAMD", 26): "Zen 5"}


def cpuinfo():
    """The first processor's lines of /proc/cpuinfo; elsewhere what Python knows."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return {"model name": platform.processor() or platform.machine()}
    first = text.split("\n\n")[0]
    return {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in first.splitlines())}


def chip():
    """A record of the processor: brand, family, model and, where known, the name it goes by."""
    c = cpuinfo()
    family, model = int(c.get("cpu family", 0)), int(c.get("model", 0))
    vendor = c.get("vendor_id", "")
    return {
        "brand": c.get("model name", ""), "vendor": vendor, "family": family, "model": model, "stepping": int(c.get("stepping", 0)),
        "name": NAMES.get((vendor, family, model)) or FAMILIES.get((vendor, family)) or "",
    }


def title(report):
    """How a chip is called in a heading: AMD EPYC (Zen 5)."""
    c = report["machine"]["chip"]
    brand = re.sub(r"\((R|TM)\)| Processor$", "", c["brand"]).strip()
    return f"{brand} ({c['name']})" if c["name"] else brand


def slug(report):
    """Name of the results file of a chip and kernel path."""
    c = report["machine"]["chip"]
    vendor = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}.get(c["vendor"], "")
    words = f"{vendor} {c['name'] or c['brand']} {report['software']['kernels']}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
