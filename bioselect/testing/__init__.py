"""The public contract for components: does somebody's own extractor, classifier or metric hold it.

Examples
--------
>>> from bioselect.testing import run_contract
>>> all(not result.problem for result in run_contract("metric", "accuracy"))
True
"""

from bioselect.testing.contract import CheckResult, checks_of, run_contract

__all__ = ["CheckResult", "checks_of", "run_contract"]
