"""The two files that a repository's tokenizer consists of."""

import json


def save(folder, tokenizer, class_name="PreTrainedTokenizerFast", **config):
    """`tokenizer` is one of the Rust library, or what its file says."""
    text = tokenizer if isinstance(tokenizer, dict) else json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(text, ensure_ascii=False))
    config = {"tokenizer_class": class_name, "model_max_length": 512, **config}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False))
