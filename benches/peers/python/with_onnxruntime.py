"""ONNX Runtime: predictions."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import works


def chain(widths, head):
    """Nodes, constants, the shape of the input, the name and the shape of the output."""
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
    return nodes, constants, [1, widths[0]], name, [1, widths[-1]]


def constant(name, *shape):
    """Weights, whatever they are."""
    return numpy_helper.from_array(works.uniform(*shape) if len(shape) > 1 else np.zeros(shape, np.float32), name)


def cnn():
    constants = [constant("w0", 32, 1, 3, 3), constant("b0", 32), constant("w1", 64, 32, 3, 3), constant("b1", 64)]
    constants += [constant("w2", 1600, 10), constant("b2", 10)]
    nodes, name = [], "x"
    for i in range(2):
        nodes.append(helper.make_node("Conv", [name, f"w{i}", f"b{i}"], [f"y{i}"]))
        nodes.append(helper.make_node("Relu", [f"y{i}"], [f"a{i}"]))
        name = f"p{i}"
        nodes.append(helper.make_node("MaxPool", [f"a{i}"], [name], kernel_shape=[2, 2], strides=[2, 2]))
    nodes.append(helper.make_node("Flatten", [name], ["f"]))
    nodes.append(helper.make_node("Gemm", ["f", "w2", "b2"], ["z"]))
    nodes.append(helper.make_node("Softmax", ["z"], ["head"]))
    return nodes, constants, [1, 1, 28, 28], "head", [1, 10]


def lstm():
    constants = [constant("w", 1, 512, 28), constant("r", 1, 512, 128), constant("k", 128, 10), constant("b", 10)]
    constants.append(numpy_helper.from_array(np.zeros((1, 1024), np.float32), "bias"))
    constants.append(numpy_helper.from_array(np.array([1, 128]), "shape"))
    nodes = [
        helper.make_node("LSTM", ["x", "w", "r", "bias"], ["", "h"], hidden_size=128),
        helper.make_node("Reshape", ["h", "shape"], ["last"]),
        helper.make_node("Gemm", ["last", "k", "b"], ["z"]),
        helper.make_node("Softmax", ["z"], ["head"]),
    ]
    # The steps come first.
    return nodes, constants, [28, 1, 28], "head", [1, 10]


def session(network, threads):
    nodes, constants, taken, name, given = network
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, taken)]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, given)]
    graph = helper.make_graph(nodes, "network", values, results, constants)
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
    predictions = {
        works.PREDICT: (chain([784, 64, 10], "Softmax"), works.pixels(1)),
        works.PREDICT_TINY: (chain([4, 16, 16, 1], None), works.tiny()),
        works.PREDICT_CNN: (cnn(), works.pixels(1)),
        works.PREDICT_LSTM: (lstm(), works.pixels(1)),
    }
    for name, (network, x) in predictions.items():
        run, inputs = session(network, clock.threads).run, {"x": np.ascontiguousarray(x).reshape(network[2])}
        clock.show(name, lambda: run(None, inputs))
