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


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(28, 64)
        self.attention, self.first = nn.MultiheadAttention(64, 4, batch_first=True), nn.LayerNorm(64, eps=1e-3)
        self.inner = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
        self.second, self.head = nn.LayerNorm(64, eps=1e-3), nn.Linear(64, 10)

    def forward(self, x):
        x = self.embed(x)
        x = self.first(x + self.attention(x, x, x, need_weights=False)[0])
        x = self.second(x + self.inner(x))
        return self.head(x.mean(1))


def cnn():
    first = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(1600, 10))


def image(n, *shape):
    return torch.from_numpy(works.pixels(n)).reshape(n, *shape)


def step(clock, name, model, x, n, optimizer):
    if optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=works.SGD, momentum=0.9, nesterov=True, fused=True)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=works.ADAM, eps=1e-7, fused=True)
    y = torch.from_numpy(works.classes(n))

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
        step(clock, name, chain(widths), torch.from_numpy(works.pixels(n)), n, optimizer)
    n = works.BATCH
    step(clock, works.CNN, cnn(), image(n, 1, 28, 28), n, "adam")
    step(clock, works.LSTM, Lstm(), image(n, 28, 28), n, "adam")
    step(clock, works.ENCODER, Encoder(), image(n, 28, 28), n, "adam")
    if clock.threads > 1:
        return
    with torch.inference_mode():
        model, x = nn.Sequential(*chain([784, 64, 10]), nn.Softmax(1)).eval(), torch.from_numpy(works.pixels(1))
        clock.show(works.PREDICT, lambda: model(x).numpy())
        model, x = chain([4, 16, 16, 1]).eval(), torch.from_numpy(works.tiny())
        clock.show(works.PREDICT_TINY, lambda: model(x).numpy())
        model, x = nn.Sequential(cnn(), nn.Softmax(1)).eval(), image(1, 1, 28, 28)
        clock.show(works.PREDICT_CNN, lambda: model(x).numpy())
        model, x = nn.Sequential(Lstm(), nn.Softmax(1)).eval(), image(1, 28, 28)
        clock.show(works.PREDICT_LSTM, lambda: model(x).numpy())
        for n, name in works.PRODUCTS.items():
            x, w = torch.from_numpy(works.matrix(n)), torch.from_numpy(works.matrix(n))
            y = torch.empty(n, n)
            clock.show(name, lambda: torch.mm(x, w, out=y))
