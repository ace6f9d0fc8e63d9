"""Fixtures that all test files share."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)
