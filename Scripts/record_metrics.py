#!/usr/bin/env python3
"""Records what scikit-learn says of made-up scores, for the tests of metrics to compare with.

    python Scripts/record_metrics.py       # needs scikit-learn and numpy

Writes Tests/Fixtures/metrics.json: for each case the logits, which float32 holds exactly, the targets, and the metrics of their
probabilities, computed in float64. The calibration error, which scikit-learn does not have, is computed by its formula (Guo et al.,
2017, section 2).
"""

import json
import warnings
import zlib
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, multilabel_confusion_matrix

FIXTURES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
BINS = 15


def calibration_error(probabilities, is_right):
    """Bins have their upper ends, and the first one 0 too."""
    bins = np.clip(np.ceil(probabilities * BINS).astype(int) - 1, 0, BINS - 1)
    error = 0.0
    for number in range(BINS):
        members = bins == number
        if members.any():
            error += members.mean() * abs(is_right[members].mean() - probabilities[members].mean())
    return error


def numbers(values):
    return [None if np.isnan(value) else float(value) for value in values]


def average_precisions(hard, scores):
    return [
        average_precision_score(hard[:, label], scores[:, label]) if hard[:, label].any() else np.nan
        for label in range(hard.shape[1])
    ]


def exclusive_case(name, images, classes, scale, skew=1.0, ties=False):
    random = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    shares = skew ** np.arange(classes)
    labels = random.choice(classes, images, p=shares / shares.sum())
    logits = random.normal(0, scale, (images, classes)) + 1.5 * np.eye(classes)[labels]
    logits = np.round(logits * (2 if ties else 1024)) / (2 if ties else 1024)
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    # As the library has them, in single precision: ties and bins are decided by these.
    scores = (exponentials / exponentials.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)
    answers = logits.argmax(1)
    f1 = f1_score(labels, answers, labels=range(classes), average=None, zero_division=np.nan)
    recalls = np.array([(answers[labels == k] == k).mean() if (labels == k).any() else np.nan for k in range(classes)])
    precisions = average_precisions(np.eye(classes)[labels], scores)
    present = np.unique(np.concatenate([labels, answers]))
    return {
        "name": name, "classes": classes, "logits": logits.ravel().tolist(), "labels": labels.tolist(),
        "values": {
            "accuracy": float((answers == labels).mean()),
            "macro_f1": float(f1_score(labels, answers, labels=present, average="macro", zero_division=np.nan)),
            "balanced_accuracy": float(balanced_accuracy_score(labels, answers)),
            "mean_average_precision": float(np.nanmean(precisions)),
            "expected_calibration_error": float(calibration_error(scores.max(1), answers == labels)),
        },
        "per_class": {
            "macro_f1": numbers(f1), "balanced_accuracy": numbers(recalls), "mean_average_precision": numbers(precisions),
        },
    }


def independent_case(name, images, classes, scale, share, thresholds=None, empty=()):
    random = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    hard = random.random((images, classes)) < share
    hard[:, list(empty)] = False
    logits = random.normal(-1, scale, (images, classes)) + 2 * hard
    logits = np.round(logits * 64) / 64
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32).astype(np.float64)
    limits = np.array(thresholds or [0.5] * classes)
    answers = scores >= limits
    f1 = f1_score(hard, answers, average=None, zero_division=np.nan)
    precisions = average_precisions(hard, scores)
    return {
        "name": name, "classes": classes, "logits": logits.ravel().tolist(), "thresholds": thresholds,
        "label_sets": [np.flatnonzero(row).tolist() for row in hard],
        "confusion": multilabel_confusion_matrix(hard, answers).tolist(),
        "values": {
            "accuracy": float((answers == hard).all(1).mean()),
            "macro_f1": float(np.nanmean(f1)),
            "mean_average_precision": float(np.nanmean(precisions)),
            "expected_calibration_error": float(calibration_error(scores.ravel(), hard.ravel())),
        },
        "per_class": {"macro_f1": numbers(f1), "mean_average_precision": numbers(precisions)},
    }


def main():
    warnings.simplefilter("ignore")
    cases = [
        exclusive_case("ten classes", 300, 10, 1.0),
        exclusive_case("unequal classes", 250, 5, 1.5, skew=0.4),
        exclusive_case("classes without images", 40, 12, 1.0, skew=0.6),
        # Of more classes, equal numbers in another order would add up to other last digits in single precision.
        exclusive_case("equal scores", 200, 2, 1.0, ties=True),
        exclusive_case("two classes", 60, 2, 0.5),
        independent_case("five labels", 300, 5, 1.0, 0.3),
        independent_case("rare labels", 200, 6, 1.5, 0.05),
        independent_case("own thresholds", 150, 3, 1.0, 0.4, thresholds=[0.25, 0.5, 0.75]),
        independent_case("a label that no image has", 80, 4, 1.0, 0.3, empty=[2]),
    ]
    (FIXTURES / "metrics.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
