"""Drawing and judging an action computes one program."""

import torchlike
from torchlike._engine import stats
from torchlike.distributions import Categorical


def test_an_action_and_its_probability_cost_one_flush():
    policy = torchlike.nn.Linear(4, 2)
    chances = []

    def choose():
        probabilities = policy(torchlike.tensor([0.1, 0.2, 0.3, 0.4])).softmax(-1)
        chosen = Categorical(probabilities)
        action = chosen.sample()
        chances.append(chosen.log_prob(action))
        return action.item()

    actions = [choose() for _ in range(3)]
    before = stats().triggers
    actions += [choose() for _ in range(4)]
    found = stats().triggers - before
    found.pop("every op", None)
    assert sum(found.values()) <= 4
    assert set(actions) <= {0, 1}
    assert all(chance.item() < 0 for chance in chances)
