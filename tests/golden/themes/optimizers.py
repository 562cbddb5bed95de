"""optimizers.json: two variables under ten given gradients."""

import keras
import numpy as np

from .common import Random, run_code, write_cases

STEPS = 10
RULES = {
    "sgd": ("SGD", "0.1"),
    "sgd_momentum": ("SGD", "0.1, momentum=0.9"),
    "sgd_nesterov": ("SGD", "0.1, momentum=0.9, nesterov=True"),
    "adam": ("Adam", "0.01"),
    "adam_amsgrad": ("Adam", "0.01, amsgrad=True"),
    "adam_betas": ("Adam", "0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-5"),
}
OPTIONS = {
    "": "",
    "_weight_decay": "weight_decay=0.05",
    "_clipnorm": "clipnorm=1.0",
    "_global_clipnorm": "global_clipnorm=1.0",
    "_clipvalue": "clipvalue=0.25",
    "_ema": "use_ema=True, ema_momentum=0.9",
    "_ema_overwrite": "use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3",
    "_accumulation": "gradient_accumulation_steps=2",
    "_accumulation_clipnorm_weight_decay": "gradient_accumulation_steps=2, clipnorm=1.0, weight_decay=0.05",
}


def optimizer_case(expression, after="", constraint=None):
    random = Random("optimizers")
    w0, w1 = random.normal((3, 4)), random.normal((4,))
    g0, g1 = random.normal((STEPS, 3, 4)), random.normal((STEPS, 4))
    code = f"optimizer = {expression}"
    optimizer = run_code(code)["optimizer"]
    variables = [keras.Variable(w0, name="kernel"), keras.Variable(w1, name="bias")]
    text = code
    if constraint:
        variables[0].constraint = run_code(f"constraint = {constraint}")["constraint"]
        text += f"; kernel.constraint = {constraint}"
    if after:
        exec(after, {"optimizer": optimizer})
        text += f"; {after}"
    optimizer.build(variables)
    v0, v1 = [], []
    for a, b in zip(g0, g1):
        optimizer.apply([a, b], variables)
        v0.append(np.array(variables[0]))
        v1.append(np.array(variables[1]))
    case = {"python": text, "w0": w0, "w1": w1, "g0": g0, "g1": g1, "v0": np.stack(v0), "v1": np.stack(v1)}
    case["iterations"] = int(optimizer.iterations)
    if optimizer.use_ema:
        optimizer.finalize_variable_values(variables)
        case["final0"], case["final1"] = (np.array(v) for v in variables)
    return case


def write(out):
    cases = {}
    for rule, (cls, arguments) in RULES.items():
        for suffix, option in OPTIONS.items():
            expression = f"keras.optimizers.{cls}({', '.join(filter(None, [arguments, option]))})"
            cases[rule + suffix] = optimizer_case(expression)
    for rule in ["sgd", "adam"]:
        cls, arguments = RULES[rule]
        cases[f"{rule}_weight_decay_not_bias"] = optimizer_case(
            f"keras.optimizers.{cls}({arguments}, weight_decay=0.05)",
            after="optimizer.exclude_from_weight_decay(var_names=['bias'])",
        )
        for key, constraint in {
            "non_neg": "keras.constraints.NonNeg()",
            "max_norm": "keras.constraints.MaxNorm(1.0)",
        }.items():
            expression = f"keras.optimizers.{cls}({arguments})"
            cases[f"{rule}_{key}"] = optimizer_case(expression, constraint=constraint)
        cases[f"{rule}_default"] = optimizer_case(f"keras.optimizers.{cls}()")
    write_cases(out / "optimizers.json", cases)
