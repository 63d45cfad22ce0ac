"""Record the fields of Python's TrainingArguments with their defaults, for arguments.test.ts: no field may be forgotten.

    python packages/webformers/reference/arguments.py

Writes packages/webformers/fixtures/trainer/arguments.json: the version, the names of learning-rate schedules and optimizers,
and each field's name with its default. Wants transformers 4.57.6.
"""

import dataclasses
import json
from pathlib import Path

import transformers
from transformers.trainer_utils import SchedulerType
from transformers.training_args import OptimizerNames

TARGET = Path(__file__).parent.parent / "fixtures/trainer/arguments.json"


def default(field):
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


fields = {field.name: default(field) for field in dataclasses.fields(transformers.TrainingArguments)}
recorded = {
    "transformers": transformers.__version__,
    "schedulers": [name.value for name in SchedulerType],
    "optimizers": [name.value for name in OptimizerNames],
    "fields": fields,
}
TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_text(json.dumps(recorded, indent=1) + "\n")
