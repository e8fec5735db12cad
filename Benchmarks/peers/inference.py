"""Measures ONNX Runtime or OpenVINO predicting with an ONNX file; prints one line of JSON.

    python inference.py openvino resnet50.onnx --batch 16 --threads 2 --seconds 3 --precision bf16
"""

import argparse
import json

import numpy

from timing import median_milliseconds


def onnx_runtime_prediction(path, images, threads, precision):
    import onnxruntime

    if precision != "fp32":
        raise ValueError(f"ONNX Runtime does not compute with {precision} on processors")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"images": images})


def openvino_prediction(path, images, threads, precision):
    import openvino

    request = openvino.Core().compile_model(path, "CPU", {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
    }).create_infer_request()
    return lambda: request.infer({0: images}, share_inputs=True, share_outputs=True)


PEERS = {"onnxruntime": onnx_runtime_prediction, "openvino": openvino_prediction}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("file")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    options = parser.parse_args()

    images = numpy.random.default_rng(0).standard_normal((options.batch, 3, 224, 224), dtype=numpy.float32)
    predict = PEERS[options.peer](options.file, images, options.threads, options.precision)
    print(json.dumps({"milliseconds": median_milliseconds(predict, options.seconds)}))


if __name__ == "__main__":
    main()
