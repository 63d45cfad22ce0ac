"""What transformers says of the held-out rows with a model that was trained and saved in a tab, its tokenizer too. An adapter is
loaded by PEFT, onto its base.

    python training-check.py folder base

Reads `test.json` in the folder and writes `python.json` there: the logits of each row, or of each word.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from peft import PeftModel

folder, base = Path(sys.argv[1]), sys.argv[2]
job = json.loads((folder / "test.json").read_text())
rows, words = job["test"], job["kind"] == "words"

Model = (
    transformers.AutoModelForTokenClassification if words else transformers.AutoModelForSequenceClassification
)
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
if (folder / "adapter_config.json").exists():
    model = PeftModel.from_pretrained(Model.from_pretrained(base, num_labels=len(job["labels"])), folder)
else:
    model, info = Model.from_pretrained(folder, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], info
    assert list(model.config.id2label.values()) == job["labels"], model.config.id2label
model.eval()

logits = []
for start in range(0, len(rows), 16):
    texts = [row["words" if words else "text"] for row in rows[start : start + 16]]
    batch = tokenizer(
        texts,
        is_split_into_words=words,
        truncation=True,
        max_length=job["maxLength"],
        padding=True,
        return_tensors="pt",
    )
    with torch.inference_mode():
        scores = model(**batch).logits
    if not words:
        logits += scores.tolist()
        continue
    for i in range(len(texts)):
        ids = batch.word_ids(i)
        first = [t for t, word in enumerate(ids) if word is not None and (t == 0 or ids[t - 1] != word)]
        logits += scores[i, first].tolist()

(folder / "python.json").write_text(json.dumps(logits))
print(f"transformers {transformers.__version__} and torch {torch.__version__}")
