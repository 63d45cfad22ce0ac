"""Record what Python reads of files, and what the methods of `datasets` give, as the truth for
packages/webformers/src/data (datasets 5.0.1, pandas, pyarrow).

Writes, under packages/webformers/fixtures:
    data/*.parquet    the same rows in several codecs, in row groups of 3
    datasets.json     those rows; CSV texts as Python's csv reads them, and as pandas types them; rows after methods

Run it with:  python packages/webformers/reference/files_and_datasets.py
"""

import csv
import io
import json
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
from datasets import Dataset, disable_progress_bars

disable_progress_bars()

FIXTURES = Path(__file__).parent.parent / "fixtures"

ROWS = [
    {"text": "Zoë, “quoted” 😀", "label": 1, "score": 0.5, "fine": True, "ids": [1, 2, 3], "words": ["a", "b"],
     "pair": {"a": 1, "b": "x"}, "wide": 2**60 + 1},
    {"text": "", "label": 0, "score": -1.25, "fine": False, "ids": [], "words": [], "pair": {"a": 2, "b": "y"}, "wide": 7},
    {"text": None, "label": None, "score": None, "fine": None, "ids": None, "words": None, "pair": None, "wide": None},
    {"text": "two\nlines", "label": -5, "score": 1e300, "fine": True, "ids": [2**31 - 1, -1], "words": ["ü", None],
     "pair": {"a": None, "b": "z"}, "wide": -(2**53) + 1},
    {"text": "last", "label": 2, "score": 0.0, "fine": False, "ids": [0] * 9, "words": ["last"],
     "pair": {"a": 3, "b": None}, "wide": 0},
]

CSV_TEXTS = [
    ("a,b\n1,2\n", {}),
    ("a,b\r\n1,2\r\n\r\n3,4", {}),
    ("a,b\r1,2\r3,4\r", {}),
    ('a,b\n"1,5","x ""y"" z"\n"",\n', {}),
    ('a,b\n"two\nlines","two\r\nlines"\n3,4\n', {}),
    ('a,b\nx "y" z,5" disk\n', {}),
    ("a;b;c\n1;2,5;\n;;\n", {"delimiter": ";"}),
    ('a\tb\n"x\ty"\t2\n', {"delimiter": "\t"}),
    ("a,b\n'1,5',2\n", {"quote": "'"}),
    ('a,b\n"x,y"\n', {"quote": ""}),
    ("a\n1\n2", {}),
    ("Zoë,😀\nü,ß\n", {}),
    ("a,b\n , x \n", {}),
]

TYPED = """id,whole,real,flag,mixed,text,wide,hole
0,1,0.5,True,1,one,12345678901234567890123,1
1,-2,1e3,False,x,"two, or more",1,
2,+3,.5,true,2.5,three,2,3
"""


def read_csv(text, options):
    quote = options.get("quote", '"')
    dialect = {"delimiter": options.get("delimiter", ",")}
    dialect |= {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    records = [record for record in csv.reader(io.StringIO(text, newline=""), **dialect) if record]
    return {"text": text, "options": options, "records": records}


def typed():
    frame = pandas.read_csv(io.StringIO(TYPED))
    rows = json.loads(frame.to_json(orient="records"))
    return {"text": TYPED, "dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()}, "rows": rows}


def methods():
    rows = [{"text": text, "label": label} for text, label in zip("dcbadc", ["ham", "spam", "ham", None, "ham", "eggs"])]
    rows = [{**row, "number": i} for i, row in enumerate(rows)]
    dataset = Dataset.from_list(rows)
    stream = dataset.to_iterable_dataset()
    encoded = dataset.class_encode_column("label")
    numbers = Dataset.from_dict({"label": [10, 9, 2, 10]}).class_encode_column("label")
    split = dataset.train_test_split(test_size=0.25, shuffle=False)
    upper = lambda row: {"text": row["text"].upper(), "twice": row["number"] * 2}
    windows = lambda columns: {"pair": [f"{t}{n}" for t, n in zip(columns["text"], columns["number"]) for _ in range(2)]}
    joined = lambda columns, indices: {"size": [len(indices)] * len(indices), "index": indices}
    return {
        "rows": rows,
        "map": dataset.map(upper).to_list(),
        "mapWithout": dataset.map(upper, remove_columns=["number", "text"]).to_list(),
        "batched": dataset.map(windows, batched=True, batch_size=4, remove_columns=dataset.column_names).to_list(),
        "indices": dataset.map(joined, batched=True, batch_size=4, with_indices=True).to_list(),
        "nothing": dataset.map(lambda row: None).to_list(),
        "filter": dataset.filter(lambda row, i: row["text"] > "b" and i != 1, with_indices=True).to_list(),
        "select": dataset.select([4, 0, 0]).to_list(),
        "take": dataset.take(2).to_list(),
        "skip": dataset.skip(4).to_list(),
        "renamed": dataset.rename_column("text", "sentence").to_list(),
        "removed": dataset.remove_columns(["text"]).to_list(),
        "encoded": encoded.to_list(),
        "names": encoded.features["label"].names,
        "numbers": numbers["label"][:],
        "numberNames": numbers.features["label"].names,
        "train": split["train"].to_list(),
        "test": split["test"].to_list(),
        "stream": list(stream.map(upper).filter(lambda row: row["twice"] > 2).skip(1).take(2)),
        "streamBatched": list(stream.map(windows, batched=True, batch_size=4, remove_columns=["text", "label", "number"])),
    }


def write_parquet():
    (FIXTURES / "data").mkdir(exist_ok=True)
    table = pyarrow.Table.from_pylist(ROWS)
    for codec in ["none", "snappy", "zstd", "gzip", "brotli", "lz4"]:
        path = FIXTURES / "data" / f"{codec}.parquet"
        pyarrow.parquet.write_table(table, path, compression=codec, row_group_size=3)
    pyarrow.parquet.write_table(
        table, FIXTURES / "data" / "indexed.parquet", write_page_index=True, use_dictionary=False, data_page_version="2.0"
    )


write_parquet()
recorded = {
    # 64-bit numbers as text where JSON's would be rounded
    "parquet": [{**row, "wide": str(row["wide"]) if row["wide"] and abs(row["wide"]) > 2**53 else row["wide"]} for row in ROWS],
    "csv": [read_csv(text, options) for text, options in CSV_TEXTS],
    "typed": typed(),
    "methods": methods(),
}
text = json.dumps(recorded, ensure_ascii=False, separators=(",", ":"))
(FIXTURES / "datasets.json").write_text(text + "\n", encoding="utf-8")
