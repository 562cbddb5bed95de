"""ONNX Runtime: predictions."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import works


def session(widths, head, threads):
    nodes, constants, name = [], [], "x"
    for i, (kernel, bias) in enumerate(works.weights(widths)):
        constants += [numpy_helper.from_array(kernel, f"w{i}"), numpy_helper.from_array(bias, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [f"y{i}"]))
        name = f"y{i}"
        if i + 2 < len(widths):
            nodes.append(helper.make_node("Relu", [name], [f"a{i}"]))
            name = f"a{i}"
    if head is not None:
        nodes.append(helper.make_node(head, [name], ["head"]))
        name = "head"
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, widths[0]])]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, widths[-1]])]
    graph = helper.make_graph(nodes, "chain", values, results, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(clock):
    clock.version(onnxruntime=onnxruntime.__version__)
    if clock.threads > 1:
        return
    predictions = [
        (works.PREDICT, [784, 64, 10], "Softmax", works.pixels(1)),
        (works.PREDICT_TINY, [4, 16, 16, 1], None, works.tiny()),
    ]
    for name, widths, head, x in predictions:
        run, inputs = session(widths, head, clock.threads).run, {"x": np.ascontiguousarray(x)}
        clock.show(name, lambda: run(None, inputs))
