"""What the tests of schedules share: optimizers that have nothing to do."""

import pytest

from pebblegrad.optim import SGD


@pytest.fixture
def sgd(parameter):
    """Make an SGD with a group for each rate; no parameter has a gradient."""

    def make(*rates, **options):
        groups = [{"params": [parameter([1.0])], "lr": rate} for rate in rates]
        return SGD(groups, lr=0.0, **options)

    return make
