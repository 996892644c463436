"""What networks on PyTorch share: device, seeds, weights, optimizers, rates, patience, several hosts.

Its modules import torch, an extra: an algorithm imports them inside ``train`` and ``load``, after
``extra.load("torch", "torch")`` has told a user who lacks it what to install.
"""
