# packages: stable-baselines3 gymnasium farama-notifications
import numpy as np
import stable_baselines3 as sb3
import torch

torch.set_num_threads(1)
for kind, options in (
    (sb3.PPO, {"n_steps": 32, "batch_size": 16, "n_epochs": 2}),
    (sb3.A2C, {}),
    (sb3.DQN, {"learning_starts": 20, "batch_size": 8}),
):
    model = kind("MlpPolicy", "CartPole-v1", seed=0, device="cpu", **options)
    model.learn(64)
    weights = [p.detach().abs().sum().item() for p in model.policy.parameters()]
    print(kind.__name__, sum(weights), model.predict(np.ones(4, np.float32))[0])
