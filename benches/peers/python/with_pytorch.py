"""PyTorch, eager, with its fused optimizers; products by its MKL."""

import torch
from torch import nn

import works


def chain(widths):
    layers = []
    for kernel, bias in works.weights(widths):
        layer = nn.Linear(*kernel.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(kernel.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def step(clock, name, widths, n, optimizer):
    model = chain(widths)
    if optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=works.SGD, momentum=0.9, nesterov=True, fused=True)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=works.ADAM, eps=1e-7, fused=True)
    x, y = torch.from_numpy(works.pixels(n)), torch.from_numpy(works.classes(n))

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    clock.show(name, train)


def run(clock):
    clock.version(torch=torch.__version__)
    torch.set_num_threads(clock.threads)
    for name, (widths, n, optimizer) in works.STEPS.items():
        step(clock, name, widths, n, optimizer)
    if clock.threads > 1:
        return
    with torch.inference_mode():
        model, x = nn.Sequential(*chain([784, 64, 10]), nn.Softmax(1)).eval(), torch.from_numpy(works.pixels(1))
        clock.show(works.PREDICT, lambda: model(x).numpy())
        model, x = chain([4, 16, 16, 1]).eval(), torch.from_numpy(works.tiny())
        clock.show(works.PREDICT_TINY, lambda: model(x).numpy())
        for n, name in works.PRODUCTS.items():
            x, w = torch.from_numpy(works.matrix(n)), torch.from_numpy(works.matrix(n))
            y = torch.empty(n, n)
            clock.show(name, lambda: torch.mm(x, w, out=y))
