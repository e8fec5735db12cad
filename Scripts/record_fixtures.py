#!/usr/bin/env python3
"""Records what PyTorch computes for the cases in Tests/Fixtures, for the tests to compare with.

    python Scripts/record_fixtures.py       # needs torch, numpy and safetensors

Reads the table of operations in Sources/ConvNetTesting and training.json, and writes a .safetensors file for each. Everything is computed in float64
from inputs that float32 holds exactly, and stored as float32. The numbers depend on a case's name only: adding a case
changes no other.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "Sources" / "ConvNetTesting" / "operations.json"
FIXTURES = ROOT / "Tests" / "Fixtures"
OPTIMIZER_STEPS = 100
OPTIMIZER_ELEMENTS = 12
# The steps whose weights are kept: each of the first, where corrections for the start matter most, then every tenth.
RECORDED_STEPS = [*range(11), *range(20, OPTIMIZER_STEPS + 1, 10)]


def generator(name):
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def uniform(random, shape, bound):
    return tensor(random.uniform(-bound, bound, shape))


def distinct(random, shape):
    """Numbers in -2 ... 2, shuffled, evenly spaced and none of them 0.

    No window of a max pooling then has two largest elements, and no ReLU stands at its kink.
    """
    count = int(np.prod(shape))
    return tensor((random.permutation(count) + 0.75) / count * 4 - 2).reshape(shape)


def tensor(values):
    return torch.from_numpy(np.asarray(values, dtype=np.float32)).double()


# Padding


def same_padding(size, kernel, stride, dilation=1):
    """TensorFlow's rule: as many places as size / stride, rounded up; the extra pixel goes after."""
    total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def edges(operation, x):
    """Padding as (top, bottom, left, right)."""
    padding = operation["padding"]
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        axes = zip(x.shape[2:], operation["kernel"], operation["stride"], operation.get("dilation", [1, 1]))
        return sum((same_padding(*axis) for axis in axes), ())
    return tuple(padding)


def pad(x, sides, value=0.0):
    top, bottom, left, right = sides
    return F.pad(x, (left, right, top, bottom), value=value)


def symmetric(sides, limits=(float("inf"), float("inf"))):
    """The sides as PyTorch's own padding argument has them, or None where it cannot express them."""
    top, bottom, left, right = sides
    fits = top == bottom and left == right and top <= limits[0] and left <= limits[1]
    return (top, left) if fits else None


# Operations, each from its JSON, its input and its parameters


def conv2d(operation, x, weight, bias=None):
    sides = edges(operation, x)
    padding = symmetric(sides)
    options = dict(stride=operation["stride"], dilation=operation["dilation"], groups=operation["groups"])
    if padding is None:
        return F.conv2d(pad(x, sides), weight, bias, **options)
    return F.conv2d(x, weight, bias, padding=padding, **options)


def locally_connected2d(operation, x, weight, bias=None):
    """The weight is (H', W', filters, C, kH, kW), the bias (filters, H', W')."""
    rows, columns, filters = weight.shape[:3]
    patches = F.unfold(pad(x, edges(operation, x)), operation["kernel"], stride=operation["stride"])
    y = torch.einsum("nkp,pfk->nfp", patches, weight.reshape(rows * columns, filters, -1))
    y = y.reshape(len(x), filters, rows, columns)
    return y if bias is None else y + bias


def channel_max_pool(operation, x):
    """Channels as the rows of a picture whose columns are the pixels."""
    flat = x.reshape(len(x), 1, x.shape[1], -1)
    y = F.max_pool2d(flat, (operation["kernel"], 1), (operation["stride"], 1))
    return y.reshape(len(x), -1, *x.shape[2:])


def max_pool2d(operation, x):
    kernel, stride = operation["kernel"], operation["stride"]
    sides = edges(operation, x)
    padding = symmetric(sides, [k // 2 for k in kernel])
    if padding is None:
        assert not operation["ceilMode"], "PyTorch's rule needs padding that it knows"
        return F.max_pool2d(pad(x, sides, -torch.inf), kernel, stride)
    return F.max_pool2d(x, kernel, stride, padding, ceil_mode=operation["ceilMode"])


def average_pool2d(operation, x):
    kernel, stride, counts = operation["kernel"], operation["stride"], operation["countsPadding"]
    sides = edges(operation, x)
    padding = symmetric(sides, [k // 2 for k in kernel])
    if padding is not None:
        return F.avg_pool2d(x, kernel, stride, padding, operation["ceilMode"], count_include_pad=counts)
    assert not operation["ceilMode"], "PyTorch's rule needs padding that it knows"
    mean = F.avg_pool2d(pad(x, sides), kernel, stride)
    if counts:
        return mean
    # The share of each window that lies inside the input.
    return mean / F.avg_pool2d(pad(torch.ones_like(x), sides), kernel, stride)


def batch_norm(operation, x, running_mean, running_var, weight=None, bias=None):
    """Changes the running statistics, as training does."""
    training = operation["training"] and not operation["isFrozen"]
    return F.batch_norm(
        x, running_mean, running_var, weight, bias, training, operation["momentum"], operation["epsilon"])


def channel_affine(operation, x, weight, bias):
    sizes = [1, -1] + [1] * (x.dim() - 2)
    return x * weight.reshape(sizes) + bias.reshape(sizes)


def channel_padding(operation, x):
    return F.pad(x, [0, 0] * (x.dim() - 2) + [operation["before"], operation["after"]])


OPERATIONS = {
    "conv2d": conv2d,
    "locally_connected2d": locally_connected2d,
    "max_pool2d": max_pool2d,
    "average_pool2d": average_pool2d,
    "global_average_pool2d": lambda operation, x: x.mean((2, 3)),
    "global_max_pool2d": lambda operation, x: x.amax((2, 3)),
    "adaptive_average_pool2d": lambda operation, x: F.adaptive_avg_pool2d(x, operation["size"]),
    "channel_max_pool": channel_max_pool,
    "zero_padding2d": lambda operation, x: pad(x, operation["edges"]),
    "dense": lambda operation, x, weight, bias=None: F.linear(x, weight, bias),
    "batch_norm": batch_norm,
    "local_response_norm": lambda operation, x: F.local_response_norm(
        x, operation["size"], operation["alpha"], operation["beta"], operation["k"]),
    "relu": lambda operation, x: F.relu(x),
    "relu6": lambda operation, x: F.relu6(x),
    "leaky_relu": lambda operation, x: F.leaky_relu(x, operation["slope"]),
    "elu": lambda operation, x: F.elu(x, operation["alpha"]),
    "gelu": lambda operation, x: F.gelu(x, approximate={"exact": "none", "tanh": "tanh"}[operation["formula"]]),
    "silu": lambda operation, x: F.silu(x),
    "tanh": lambda operation, x: torch.tanh(x),
    "sigmoid": lambda operation, x: torch.sigmoid(x),
    "hard_sigmoid": lambda operation, x: F.hardsigmoid(x),
    "hard_swish": lambda operation, x: F.hardswish(x),
    "clip": lambda operation, x: torch.clamp(x, operation["low"], operation["high"]),
    "prelu": lambda operation, x, weight: F.prelu(x, weight),
    "channel_affine": channel_affine,
    "channel_slice": lambda operation, x: x[:, operation["first"]:][:, :operation["count"]],
    "channel_padding": channel_padding,
    "channel_shuffle": lambda operation, x: x.unflatten(1, (operation["groups"], -1)).transpose(1, 2).reshape(x.shape),
    # What falls is drawn by PyTorch's own rules; in evaluation nothing does.
    "stochastic_depth": lambda operation, x: x,
    "softmax": lambda operation, x: torch.softmax(x, 1),
    "flatten": lambda operation, x: torch.flatten(x, 1),
    "reshape": lambda operation, x: x.reshape(len(x), *operation["shape"]),
    "dropout": lambda operation, x: F.dropout(x, operation["rate"], training=False),
    "add": lambda operation, *inputs: sum(inputs),
    "multiply": lambda operation, x, y: x * y,
    "concatenate": lambda operation, *inputs: torch.cat(inputs, 1),
    "auxiliary_output": lambda operation, x: x,
}


def parameters(operation, shape, random):
    """Parameters by name, for an input of this shape; those that have a gradient ask for one."""
    if operation["kind"] == "batch_norm":
        channels = [shape[1]]
        made = {"weight": uniform(random, channels, 1), "bias": uniform(random, channels, 1)}
        made = {name: value.requires_grad_() for name, value in made.items()} if operation["affine"] else {}
        return made | {
            "running_mean": uniform(random, channels, 1), "running_var": uniform(random, channels, 0.5) + 1}
    if operation["kind"] == "prelu":
        return {"weight": uniform(random, [1 if operation["isShared"] else shape[1]], 1).requires_grad_()}
    if operation["kind"] == "channel_affine":
        return {name: uniform(random, [shape[1]], 1).requires_grad_() for name in ("weight", "bias")}
    if operation["kind"] == "locally_connected2d":
        filters, kernel, stride = operation["filters"], operation["kernel"], operation["stride"]
        top, bottom, left, right = edges(operation, torch.empty(shape))
        places = [
            (size + border - k) // step + 1
            for size, border, k, step in zip(shape[2:], [top + bottom, left + right], kernel, stride)]
        return weight_and_bias(
            operation, random, [*places, filters, shape[1], *kernel], [filters, *places], shape[1] * np.prod(kernel))
    if operation["kind"] == "conv2d":
        rows = operation["filters"]
        sizes = [rows, shape[1] // operation["groups"], *operation["kernel"]]
    elif operation["kind"] == "dense":
        rows = operation["units"]
        sizes = [rows, shape[1]]
    else:
        return {}
    return weight_and_bias(operation, random, sizes, [rows], np.prod(sizes[1:]))


def weight_and_bias(operation, random, weight, bias, fan_in):
    bound = float(fan_in) ** -0.5
    made = {"weight": uniform(random, weight, bound)}
    if operation["bias"]:
        made["bias"] = uniform(random, bias, bound)
    return {name: value.requires_grad_() for name, value in made.items()}


def auxiliary_outputs(operations, nodes):
    """By the operation's index: the logits that training compares with the targets beside the last node's."""
    kinds = [operation["kind"] for operation in operations]
    return {index: nodes[index + 1] for index, kind in enumerate(kinds) if kind == "auxiliary_output"}


def record_total_loss(name, operations, nodes, owned, random):
    """The loss of the last node's logits and, each with its weight, of the auxiliary ones, and its gradients."""
    samples, classes = nodes[-1].shape
    labels = torch.from_numpy(random.integers(0, classes, samples))
    loss = F.cross_entropy(nodes[-1], labels)
    for index, logits in auxiliary_outputs(operations, nodes).items():
        loss = loss + operations[index]["weight"] * F.cross_entropy(logits, labels)
    gradients = torch.autograd.grad(loss, list(owned.values()))
    recorded = {f"{parameter}_loss_gradient": gradient for parameter, gradient in zip(owned, gradients)}
    return recorded | {f"{name}.labels": labels, f"{name}.loss": loss}


def record_operations(cases):
    recorded = {}
    for case in cases:
        name, random = case["name"], generator(case["name"])
        source = distinct(random, [case["batchSize"], *case["input"]]).requires_grad_()
        recorded[f"{name}.input"] = source
        # Node 0 is the input; each operation reads the node before it unless the case says otherwise.
        nodes, owned = [source], {}
        for index, operation in enumerate(case["operations"]):
            operation["training"] = case.get("training", False)
            inputs = [nodes[i] for i in case["inputs"][index]] if "inputs" in case else nodes[-1:]
            own = parameters(operation, inputs[0].shape, random)
            owned |= {f"{name}.{index}.{parameter}": value for parameter, value in own.items()}
            recorded |= {f"{name}.{index}.{parameter}": value.detach().clone() for parameter, value in own.items()}
            nodes.append(OPERATIONS[operation["kind"]](operation, *inputs, **own))
        output = nodes[-1]
        gradient = uniform(random, output.shape, 1)
        auxiliary = auxiliary_outputs(case["operations"], nodes)
        auxiliary_gradients = {index: uniform(random, logits.shape, 1) for index, logits in auxiliary.items()}
        torch.autograd.backward(
            [output, *auxiliary.values()], [gradient, *auxiliary_gradients.values()], retain_graph=bool(auxiliary))
        recorded |= {f"{name}.{index}.output_gradient": value for index, value in auxiliary_gradients.items()}
        if auxiliary:
            recorded |= record_total_loss(name, case["operations"], nodes, owned, random)
        recorded |= {f"{parameter}_gradient": value.grad for parameter, value in owned.items() if value.requires_grad}
        recorded |= {f"{parameter}_after": value for parameter, value in owned.items() if not value.requires_grad}
        recorded[f"{name}.output"] = output
        recorded[f"{name}.output_gradient"] = gradient
        recorded[f"{name}.input_gradient"] = source.grad
    return recorded


# Losses and optimizers


def loss_of(settings, logits, targets):
    """The mean loss for class indices or, where `targets` has two dimensions, for soft targets."""
    if settings["kind"] == "mean-squared-error":
        hard = targets if targets.dim() == 2 else F.one_hot(targets, logits.shape[1]).double()
        return F.mse_loss(logits, hard)
    if settings["kind"] == "binary-cross-entropy":
        hard = targets if targets.dim() == 2 else F.one_hot(targets, logits.shape[1]).double()
        smoothing, weights = settings["labelSmoothing"], settings["positiveWeights"]
        return F.binary_cross_entropy_with_logits(
            logits, (1 - smoothing) * hard + smoothing / 2,
            pos_weight=torch.tensor(weights).double() if weights else None)
    weights = settings["classWeights"]
    return F.cross_entropy(
        logits, targets, weight=torch.tensor(weights).double() if weights else None,
        label_smoothing=settings["labelSmoothing"])


def record_losses(cases):
    recorded = {}
    for case in cases:
        name, random = case["name"], generator(case["name"])
        logits = uniform(random, [case["samples"], case["classes"]], case["scale"]).requires_grad_()
        labels = torch.from_numpy(random.integers(0, case["classes"], case["samples"]))
        targets = labels
        if case["soft"]:
            drawn = random.uniform(0, 1, [case["samples"], case["classes"]]) ** 3
            targets = tensor(drawn / drawn.sum(1, keepdims=True))
            recorded[f"{name}.soft_targets"] = targets
        loss = loss_of(case["loss"], logits, targets)
        loss.backward()
        recorded |= {
            f"{name}.logits": logits, f"{name}.labels": labels, f"{name}.loss": loss,
            f"{name}.logits_gradient": logits.grad,
        }
    return recorded


def make_optimizer(settings, weights, learning_rate):
    kind, decay = settings["kind"], settings["weightDecay"]
    common = dict(lr=learning_rate, weight_decay=decay)
    if kind == "sgd":
        return torch.optim.SGD(weights, momentum=settings["momentum"], nesterov=settings["nesterov"], **common)
    common |= dict(eps=settings["epsilon"])
    if kind in ("adam", "adamw"):
        rule = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
        return rule(weights, betas=(settings["beta1"], settings["beta2"]), **common)
    if kind == "rmsprop":
        return torch.optim.RMSprop(
            weights, alpha=settings["alpha"], momentum=settings["momentum"], centered=settings["centered"], **common)
    if kind == "adagrad":
        return torch.optim.Adagrad(weights, **common)
    raise ValueError(f"unknown optimizer {kind}")


# What the package calls PyTorch's arrays.
STATES = {
    "sgd": {"momentum": "momentum_buffer"},
    "adam": {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"},
    "adamw": {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"},
    "rmsprop": {"square_average": "square_avg", "gradient_average": "grad_avg", "momentum": "momentum_buffer"},
    "adagrad": {"square_sum": "sum"},
}


def record_optimizers(cases):
    """Weights after the recorded steps and the state after the last, for gradients that do not depend on the weights."""
    recorded = {}
    for case in cases:
        name, random, settings = case["name"], generator(case["name"]), case["optimizer"]
        weights = uniform(random, [OPTIMIZER_ELEMENTS], 1).requires_grad_()
        gradients = uniform(random, [OPTIMIZER_STEPS, OPTIMIZER_ELEMENTS], 1)
        optimizer = make_optimizer(settings, [weights], case["learningRate"])
        history = [weights.detach().clone()]
        for gradient in gradients:
            weights.grad = gradient.clone()
            optimizer.step()
            history.append(weights.detach().clone())
        recorded[f"{name}.weights"] = torch.stack([history[step] for step in RECORDED_STEPS])
        recorded[f"{name}.gradients"] = gradients
        for own, theirs in STATES[settings["kind"]].items():
            if optimizer.state[weights].get(theirs) is not None:
                recorded[f"{name}.{own}"] = optimizer.state[weights][theirs]
    return recorded


def record_clipping(cases):
    """Gradients of two parameters, before and after."""
    recorded = {}
    for case in cases:
        name, random = case["name"], generator(case["name"])
        parameters = [torch.zeros(count, dtype=torch.float64, requires_grad=True) for count in case["counts"]]
        for index, parameter in enumerate(parameters):
            parameter.grad = uniform(random, [parameter.numel()], case["scale"])
            recorded[f"{name}.{index}.gradient"] = parameter.grad.clone()
        if "norm" in case["clipping"]:
            torch.nn.utils.clip_grad_norm_(parameters, case["clipping"]["norm"]["_0"])
        else:
            torch.nn.utils.clip_grad_value_(parameters, case["clipping"]["value"]["_0"])
        recorded |= {f"{name}.{index}.clipped": parameter.grad for index, parameter in enumerate(parameters)}
    return recorded


def read(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def write(name, recorded):
    arrays = {key: value.detach().numpy() for key, value in recorded.items()}
    stored = {
        key: np.ascontiguousarray(value, np.float32 if value.dtype.kind == "f" else np.int64)
        for key, value in arrays.items()
    }
    save_file(stored, FIXTURES / f"{name}.safetensors", {"recorded_with": f"PyTorch {torch.__version__}"})


def main():
    torch.set_num_threads(1)
    write("operations", record_operations(json.loads(TABLE.read_text())))
    training = read("training")
    write(
        "training",
        record_losses(training["losses"]) | record_optimizers(training["optimizers"])
        | record_clipping(training["clipping"]))


if __name__ == "__main__":
    main()
