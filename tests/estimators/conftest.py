"""Estimators are tested as they are run: with one thread of BLAS and OpenMP."""

import pytest

from bioselect.execution import one_thread


@pytest.fixture(scope="package", autouse=True)
def _one_thread():
    with one_thread():
        yield
