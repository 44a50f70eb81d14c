#!/usr/bin/env python3
"""Fails when tests were skipped that should have run here, or when none ran: reads pytest's JUnit reports.

A test that steps aside where something is missing would otherwise stop guarding anything without anyone noticing.
"""

import os
import sys
import xml.etree.ElementTree as ET
from collections import Counter

# How the reasons begin that are right even for root on Debian, where all else can be had.
ALLOWED = (
    "no whole machines here: ",  # a container without the right to mount
    "this Python has no ensurepip",  # Debian without python3-venv, which is what pipshunt is made for
    "this git knows no sha256",
    "root can write everywhere",
    "root can read everything",
    *("--full ", "with --full only", "--network "),  # what takes long, or asks the public index
)


def main() -> int:
    """Count the reasons in the reports that are named; returns the exit status."""
    cases = [case for report in sys.argv[1:] for case in ET.parse(report).iter("testcase")]  # noqa: S314  (pytest's)
    reasons = Counter(skip.get("message", "") for case in cases for skip in case.iter("skipped"))
    unexpected = {reason for reason in reasons if not reason.startswith(ALLOWED)} if os.geteuid() == 0 else set()
    for reason, count in reasons.items():
        print(f"{'SKIPPED' if reason in unexpected else 'skipped'} {count}: {reason}")
    ran = len(cases) - reasons.total()
    print(
        f"{ran} tests ran, {reasons.total()} were skipped, {len(unexpected)} reasons are not allowed (.ci/skipped.py)"
    )
    return 1 if unexpected or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
