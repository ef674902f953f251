"""The trained model: words in, parts of speech, a dependency parse, names and lemmas out (onnxruntime, no torch)."""
