"""The public contract for components and for trained models: does somebody's own hold it.

Examples
--------
>>> from bioselect.testing import run_contract
>>> all(not result.problem for result in run_contract("metric", "accuracy"))
True
"""

from bioselect.testing.contract import CheckResult, check_bundle, checks_of, run_contract

__all__ = ["CheckResult", "check_bundle", "checks_of", "run_contract"]
