"""Install real packages, run their cases on both sides, write docs/ecosystem.md.

``python -m tests.ecosystem [names…]``: without names, all of them. The rows of other
cases stay in the page.
"""

from __future__ import annotations

import sys

from . import install, report, run


def main(names: list[str]) -> int:
    cases = run.cases(names)
    install.prepare(cases)
    outcomes = []
    for case in cases:
        outcomes.append(run.compare(case))
        print(outcomes[-1].line(), flush=True)
        report.write(outcomes[-1:])
    return 0 if all(o.equal for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
