"""metrics.json: the running result after each of three batches of 5, 5 and 2 samples."""

from .common import MARGIN, attempts, run_code, write_cases

BATCHES = [5, 5, 2]


def classes_equal(random, batch, columns):
    """Small integers as floats, so that exact equality happens often."""
    return random.labels((batch, columns), 3).astype("float64"), random.labels((batch, columns), 3).astype("float64")


def binary_scores(random, batch, columns):
    """Scores k/16 with some exactly on the thresholds 0.25 and 0.5, which do not count as above."""
    return random.labels((batch, columns), 2).astype("float64"), random.state.randint(1, 16, (batch, columns)) / 16


def probabilities_one_hot(random, batch, classes):
    return random.one_hot((batch,), classes), random.distribution((batch, classes))


def probabilities_label(random, batch, classes):
    return random.labels((batch,), classes), random.distribution((batch, classes))


def probabilities_label_column(random, batch, classes):
    return random.labels((batch, 1), classes), random.distribution((batch, classes))


def probabilities_label_rank3(random, batch, classes):
    return random.labels((batch, 2), classes), random.distribution((batch, 2, classes))


def probabilities_soft(random, batch, classes):
    return random.distribution((batch, classes)), random.distribution((batch, classes))


def logits_one_hot(random, batch, classes):
    return random.one_hot((batch,), classes), random.distinct((batch, classes))


def logits_label(random, batch, classes):
    return random.labels((batch,), classes), random.distinct((batch, classes))


def logits_binary(random, batch, columns):
    return random.labels((batch, columns), 2).astype("float64"), random.normal((batch, columns))


def real(random, batch, columns):
    return random.normal((batch, columns)), random.normal((batch, columns))


METRICS = {
    "accuracy": ("Accuracy()", classes_equal, 1),
    "accuracy_columns": ("Accuracy()", classes_equal, 3),
    "binary_accuracy": ("BinaryAccuracy()", binary_scores, 1),
    "binary_accuracy_columns": ("BinaryAccuracy()", binary_scores, 3),
    "binary_accuracy_threshold": ("BinaryAccuracy(threshold=0.25)", binary_scores, 3),
    "categorical_accuracy": ("CategoricalAccuracy()", probabilities_one_hot, 3),
    "sparse_categorical_accuracy": ("SparseCategoricalAccuracy()", probabilities_label, 3),
    "sparse_categorical_accuracy_column": ("SparseCategoricalAccuracy()", probabilities_label_column, 3),
    "sparse_categorical_accuracy_rank3": ("SparseCategoricalAccuracy()", probabilities_label_rank3, 3),
    "top_k_categorical_accuracy": ("TopKCategoricalAccuracy()", probabilities_one_hot, 8),
    "top_k_categorical_accuracy_k2": ("TopKCategoricalAccuracy(k=2)", probabilities_one_hot, 5),
    "sparse_top_k_categorical_accuracy": ("SparseTopKCategoricalAccuracy()", probabilities_label, 8),
    "sparse_top_k_categorical_accuracy_k2": ("SparseTopKCategoricalAccuracy(k=2)", probabilities_label, 5),
    "mean_squared_error": ("MeanSquaredError()", real, 3),
    "mean_absolute_error": ("MeanAbsoluteError()", real, 3),
    "root_mean_squared_error": ("RootMeanSquaredError()", real, 3),
    "root_mean_squared_error_one_column": ("RootMeanSquaredError()", real, 1),
    "binary_crossentropy": ("BinaryCrossentropy()", binary_scores, 3),
    "binary_crossentropy_smoothed": ("BinaryCrossentropy(label_smoothing=0.1)", binary_scores, 3),
    "binary_crossentropy_logits": ("BinaryCrossentropy(from_logits=True)", logits_binary, 3),
    "categorical_crossentropy": ("CategoricalCrossentropy()", probabilities_one_hot, 4),
    "categorical_crossentropy_smoothed": ("CategoricalCrossentropy(label_smoothing=0.1)", probabilities_one_hot, 4),
    "categorical_crossentropy_logits": ("CategoricalCrossentropy(from_logits=True)", logits_one_hot, 4),
    "sparse_categorical_crossentropy": ("SparseCategoricalCrossentropy()", probabilities_label, 4),
    "sparse_categorical_crossentropy_logits": ("SparseCategoricalCrossentropy(from_logits=True)", logits_label, 4),
    "kl_divergence": ("KLDivergence()", probabilities_soft, 4),
}


def metric_case(name, code, draw, columns, weighted):
    for random in attempts(name):
        batches = [draw(random, batch, columns) for batch in BATCHES]
        # A result of 0 or 1 throughout would prove nothing.
        metric = run_code(f"metric = keras.metrics.{code}")["metric"]
        results = []
        weights = []
        for y_true, y_pred in batches:
            w = None
            if weighted:
                w = random.weights(y_true.shape[:2] if "rank3" in name else y_true.shape[:1])
            metric.update_state(y_true, y_pred, sample_weight=w)
            weights.append(w)
            results.append(float(metric.result()))
        if all(abs(r) > MARGIN and abs(r - 1) > MARGIN for r in results) and len(set(results)) == 3:
            break
    call = "metric.update_state(y_true, y_pred, sample_weight)" if weighted else "metric.update_state(y_true, y_pred)"
    case = {"python": f"metric = keras.metrics.{code}; {call}"}
    for i, (y_true, y_pred) in enumerate(batches):
        case[f"y_true{i}"], case[f"y_pred{i}"] = y_true, y_pred
        if weighted:
            case[f"sample_weight{i}"] = weights[i]
        case[f"result{i}"] = results[i]
    return case


def write(out):
    cases = {}
    for name, (code, draw, columns) in METRICS.items():
        for weighted in [False, True]:
            key = f"{name}_weighted" if weighted else name
            cases[key] = metric_case(key, code, draw, columns, weighted)
    write_cases(out / "metrics.json", cases)
