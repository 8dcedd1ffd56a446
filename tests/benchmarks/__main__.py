"""make bench: what a page of ours costs, as ratios to yardsticks that are measured in the same run."""

import argparse
import signal
import sys
from pathlib import Path

from tests.benchmarks import environment


def main():
    options = arguments()
    # However it is told to stop, it stops its servers first.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: sys.exit("Stopped."))
    with environment.sandbox():
        # Its imports want Django to be set up, and that wants the environment.
        from tests.benchmarks import report

        return report.run(options.requests, options.only, options.json)


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", metavar="FILE", help="write the numbers there too")
    parser.add_argument("--requests", type=int, metavar="N", default=4000, help="a repetition (default: %(default)s)")
    parser.add_argument("--only", metavar="WORD", default="", help="rows whose name holds this word")
    options = parser.parse_args()
    if options.json and not Path(options.json).parent.is_dir():
        parser.error(f"--json: there is no folder {Path(options.json).parent}")
    if options.requests < 1:
        parser.error("--requests: at least one")
    return options


if __name__ == "__main__":
    sys.exit(main())
