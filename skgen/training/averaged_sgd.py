"""Stochastic gradient descent that also keeps a running mean of the weights."""

import torch

from skgen.kernels.averaged_sgd import step, step_and_average
from skgen.workers import workers

# Step t has the fraction BURN / (t + BURN) of the mean, which so forgets the first steps.
BURN = 9.0
# On the CPU every so many steps enter the mean: it is as good, and memory is passed over less.
STRIDE = 8


class AveragedSGD:
    """Descent with momentum and decay, and the average of Polyak & Juditsky (1992).

    It answers to what the loop asks of torch's optimizers, but without their hooks around each
    step, which would take longer than the step of a small machine.

    Parameters
    ----------
    parameters : list of dict
        Groups of ``params``; a group may carry its own ``weight_decay``.
    averages : list of Tensor
        The running means, one a parameter in the order of the groups; changed in place.
    n_steps : Tensor
        Steps taken so far, a scalar; changed in place, so that a later run can go on.
    learning_rate : float
        Of groups without an ``lr`` of their own.
    momentum : float, default=0.0
        Fraction of the last step that is repeated.
    """

    def __init__(self, parameters, averages, n_steps, learning_rate, momentum=0.0):
        start = {"lr": learning_rate, "weight_decay": 0.0}
        self.param_groups = [{**start, **group} for group in parameters]
        self.momentum, self.n_steps = momentum, n_steps
        weights = [weight for group in self.param_groups for weight in group["params"]]
        on_cpu = n_steps.device.type == "cpu"
        # What others are to average must be there.
        self._shared = workers().size > 1
        move = _MoveFused if on_cpu else _Move
        self._products = {}
        self._velocities = {w: torch.zeros_like(w) for w in weights} if momentum else {}
        self._moves = {w: move(w, mean) for w, mean in zip(weights, averages, strict=True)}
        # On the CPU the count is read and written without torch's own calls.
        self._count = n_steps.numpy() if on_cpu else None
        for group in self.param_groups:
            group["initial_lr"] = float(group["lr"])
            if not on_cpu:
                # A captured step reads its learning rate from memory.
                where = {"device": n_steps.device, "dtype": torch.float32}
                group["lr"] = torch.tensor(float(group["lr"]), **where)

    def put_product(self, weight, left, right):
        """Take the gradient of a weight as left' right: on the CPU it is seldom written out."""
        if weight.is_cuda or self.momentum or self._shared:
            torch.mm(left.T, right, out=weight.grad)
        else:
            self._products[weight] = left, right

    @torch.no_grad()
    def step(self):
        """Move every parameter against its gradient, and its mean toward it."""
        fraction = self._fraction()
        counted = self.n_steps if self._count is None else self._count
        counted += 1
        for group in self.param_groups:
            keep = 1 - group["lr"] * group["weight_decay"] if group["weight_decay"] else 1.0
            for weight in group["params"]:
                move = self._moves[weight]
                if weight in self._products:
                    left, right = self._products.pop(weight)
                    move.by_product(left, right, group["lr"], keep, fraction)
                else:
                    move(self._direction(weight), group["lr"], keep, fraction)

    def _fraction(self):
        """Fraction of this step in the means; 0 on the CPU for steps that are left out."""
        if self._count is None:
            return BURN / (self.n_steps + BURN)
        n_steps = int(self._count)
        return 0.0 if n_steps % STRIDE else min(1.0, STRIDE * BURN / (n_steps + BURN))

    def _direction(self, weight):
        """The gradient, or the velocity that it feeds."""
        if not self.momentum:
            return weight.grad
        return self._velocities[weight].mul_(self.momentum).add_(weight.grad)

    def zero_grad(self, set_to_none=True):
        """Forget the gradients."""
        for weight in self._moves:
            weight.grad = None if set_to_none else torch.zeros_like(weight)

    def state_dict(self):
        """The groups, and the velocities in the order of the parameters."""
        return {"state": list(self._velocities.values()), "param_groups": self.param_groups}

    def load_state_dict(self, state):
        """Take groups and velocities from another optimizer of the same parameters."""
        self.param_groups = state["param_groups"]
        for velocity, earlier in zip(self._velocities.values(), state["state"]):
            velocity.copy_(earlier)


class _Move:
    """One step of a parameter, with scalars that may live on the device."""

    def __init__(self, weight, mean):
        self.weight, self.mean = weight, mean

    def __call__(self, direction, learning_rate, keep, fraction):
        if isinstance(keep, torch.Tensor):
            self.weight.mul_(keep)
        # learning_rate is a tensor of one number.
        self.weight.addcmul_(direction, learning_rate, value=-1)
        self.mean.lerp_(self.weight, fraction)


class _MoveFused:
    """The same in one pass over the memory of the CPU."""

    def __init__(self, weight, mean):
        self.weight, self.mean = weight.detach(), mean.detach()
        self.vectors = [t.view(-1).numpy() for t in (self.weight, self.mean)]
        self.direction, self.gradient = None, None

    def __call__(self, direction, learning_rate, keep, fraction):
        weights, means = self.vectors
        if direction is not self.direction:
            self.direction, self.gradient = direction, direction.view(-1).numpy()
        if fraction:
            step_and_average(weights, self.gradient, learning_rate, keep, means, fraction)
        else:
            step(weights, self.gradient, learning_rate, keep)

    def by_product(self, left, right, learning_rate, keep, fraction):
        """One step against left' right."""
        self.weight.addmm_(left.T, right, beta=keep, alpha=-learning_rate)
        if fraction:
            self.mean.lerp_(self.weight, fraction)
