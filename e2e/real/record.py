"""Records what sentence-transformers (PyTorch, CPU) answers for sentences.json, one sentence at a time, as
embeddings.safetensors: `embeddings` [sentences, 384] float32. Needs `node e2e/real/minilm.mjs` first.

    pip install torch==2.13.0 transformers==4.57.6 sentence-transformers==5.7.0
    python e2e/real/record.py
"""

import json
from pathlib import Path

import sentence_transformers
import torch
import transformers
from safetensors.torch import save_file

here = Path(__file__).parent
model_folder = here.parents[1] / ".cache/hub/sentence-transformers/all-MiniLM-L6-v2"

model = sentence_transformers.SentenceTransformer(str(model_folder), device="cpu")
texts = [sentence["text"] for sentence in json.loads((here / "sentences.json").read_text())["sentences"]]

lengths = [len(model.tokenizer(text)["input_ids"]) for text in texts]
assert max(lengths) <= model.max_seq_length, "a text would be cut, which feature extraction does not do"

# Padding changes the last digits; alone, a sentence has one answer.
embeddings = torch.stack([model.encode(text, convert_to_tensor=True) for text in texts])
assert torch.allclose(embeddings.norm(dim=1), torch.ones(len(texts)), atol=1e-5), "2_Normalize did not run"

versions = {
    "sentence-transformers": sentence_transformers.__version__,
    "transformers": transformers.__version__,
    "torch": torch.__version__,
}
save_file({"embeddings": embeddings.contiguous()}, here / "embeddings.safetensors", metadata=versions)
print(f"{len(texts)} texts of {min(lengths)} to {max(lengths)} word pieces, {versions}")
