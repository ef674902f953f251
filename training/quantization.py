"""A model in full precision → one with weights of 8 bits, small enough to ship."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from kg.text.parser.network import LABELS, MODEL, RELATIONS, VOCABULARY

#: Layers (from 0) whose second feed-forward product stays in full precision, with weights of 16 bits. Its inputs are
#: the least even of all: these products make up nearly all of what 8 bits lose (measured on dev).
PRECISE_LAYERS = (4, 5)
#: Tables of fewer numbers than this stay as they are.
_SMALL_TABLE = 100_000


def quantize(full: Path, folder: Path, precise: Collection[int] = PRECISE_LAYERS) -> Path:
    """Write the model in `full` with weights of 8 bits to `folder` and return the folder.

    Products have one scale a column and inputs scaled as they come, embeddings one scale a row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LABELS, VOCABULARY, RELATIONS):
        shutil.copyfile(full / name, folder / name)
    model = onnx.load(full / MODEL)
    _shrink_tables(model.graph)
    kept = [_find_product(model.graph, layer) for layer in sorted(precise)]
    part = folder / f"{MODEL}.part"
    onnx.save(model, part)
    logging.disable(logging.WARNING)
    quantize_dynamic(
        part,
        folder / MODEL,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm"],
        nodes_to_exclude=kept,
    )
    logging.disable(logging.NOTSET)
    part.unlink()
    model = onnx.load(folder / MODEL)
    _halve_weights(model.graph, kept)
    model.producer_name, model.doc_string = "statecraft-kg", "CC BY-SA 4.0; see LICENSE beside this file"
    onnx.save(model, folder / MODEL)
    return folder


def _find_product(graph: onnx.GraphProto, layer: int) -> str:
    """The name of a layer's second feed-forward product; the exporter decides what stands before the layer's own."""
    found = [node.name for node in graph.node if node.name.endswith(f"/layers.{layer}/outer/MatMul")]
    if len(found) != 1:
        raise ValueError(f"layer {layer}: want one product named outer/MatMul, found {found or 'none'}")
    return found[0]


def _shrink_tables(graph: onnx.GraphProto) -> None:
    """Make large embedding tables 8 bits wide, with a scale for each row: words differ much in length."""
    tables = {tensor.name: tensor for tensor in graph.initializer}
    for node in list(graph.node):
        tensor = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if tensor is None:
            continue
        weights = numpy_helper.to_array(tensor)
        if weights.ndim != 2 or weights.size < _SMALL_TABLE:
            continue
        scales = np.maximum(np.abs(weights).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        rows = np.rint(weights / scales).astype(np.int8)
        graph.initializer.remove(tensor)
        names = f"{tensor.name}.rows", f"{tensor.name}.scales"
        graph.initializer.extend(
            numpy_helper.from_array(a, n) for a, n in zip((rows, scales), names, strict=True)
        )
        ids, out = node.input[1], node.output[0]
        _replace(
            graph,
            node,
            [
                helper.make_node("Gather", [names[0], ids], [f"{out}.short"], axis=0),
                helper.make_node("Cast", [f"{out}.short"], [f"{out}.long"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [names[1], ids], [f"{out}.scale"], axis=0),
                helper.make_node("Mul", [f"{out}.long", f"{out}.scale"], [out]),
            ],
        )


def _halve_weights(graph: onnx.GraphProto, products: Collection[str]) -> None:
    """Keep the weights of `products` in 16 bits; they are widened once, when the model is loaded."""
    tables = {tensor.name: tensor for tensor in graph.initializer}
    for node in [node for node in graph.node if node.name in products]:
        tensor = tables[node.input[1]]
        half = numpy_helper.to_array(tensor).astype(np.float16)
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(half, f"{tensor.name}.half"))
        widen = helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT)
        _replace(graph, node, [widen, node])


def _replace(graph: onnx.GraphProto, node: onnx.NodeProto, others: list[onnx.NodeProto]) -> None:
    at = list(graph.node).index(node)
    copies = [onnx.NodeProto.FromString(other.SerializeToString()) for other in others]
    graph.node.remove(node)
    for offset, other in enumerate(copies):
        graph.node.insert(at + offset, other)
