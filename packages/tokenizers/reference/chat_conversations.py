"""What the chat templates are asked to render."""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather at a place <now> & \"soon\".",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Where, such as Zürich"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Of the temperature"},
                    "days": {"type": "integer", "description": "How many", "default": 3, "minimum": 1},
                    "detail": {"type": "number", "nullable": True, "description": "From 0 to 1", "default": 0.5},
                },
                "required": ["city"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "search",
            "description": "Look a thing up\nin more than one place.",
            "parameters": {
                "type": "object",
                "properties": {
                    "queries": {"type": "array", "items": {"type": "string"}, "description": "What to look for"},
                    "options": {"type": "object", "properties": {"safe": {"type": "boolean"}}, "description": "How", "additionalProperties": {"type": "string"}},
                    "limit": {"type": ["integer", "null"], "description": "At most"},
                },
                "required": ["queries", "limit"],
            },
            "return": {"type": "array", "description": "What was found"},
        },
    },
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}},
]

DOCUMENTS = [
    {"title": "Fish & \"chips\"", "text": "Fried in batter.\nServed hot.", "doc_id": 1},
    {"title": "Zürich", "text": "A city — 大きな町 — by a lake.", "doc_id": 2},
]

SYSTEM = {"role": "system", "content": "You are terse.  "}
USER = {"role": "user", "content": "  What's 1 < 2 & \"3\"?\n\n"}
WEATHER = {"role": "user", "content": "Weather in Zürich?"}


def call(id, name, arguments):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


CALL = {"role": "assistant", "content": None, "tool_calls": [call("call12345", "get_weather", {"city": "Zürich", "days": 2, "detail": 0.25, "nested": {"yes": True, "no": None, "list": [1, "two"]}})]}
CALLS = {
    "role": "assistant",
    "content": "Both at once.",
    "tool_calls": [call("call12345", "get_weather", {"city": "Roma"}), call("call67890", "search", {"queries": ["a", "b\n\"c\""], "limit": None})],
}
RESULT = {"role": "tool", "tool_call_id": "call12345", "name": "get_weather", "content": "{\"temperature\": 21.5}"}
RESULTS = [RESULT, {"role": "tool", "tool_call_id": "call67890", "name": "search", "content": "Nothing <found>."}]

CONVERSATIONS = {
    "one": [WEATHER],
    "spaces": [USER],
    "system": [SYSTEM, WEATHER],
    "turns": [USER, {"role": "assistant", "content": "\n Yes. \n"}, {"role": "user", "content": "Sure? 你好 👩‍👩‍👧 é"}],
    "long": [
        SYSTEM,
        {"role": "user", "content": "Again"},
        {"role": "assistant", "content": "One"},
        {"role": "user", "content": "Again"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "Again"},
    ],
    "answered": [SYSTEM, WEATHER, {"role": "assistant", "content": "Fine weather "}],
    "thinking": [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\n4"},
        {"role": "user", "content": "3 + 3?"},
        {"role": "assistant", "content": "6", "reasoning_content": "  Three and three.\n", "thinking": "Three."},
    ],
    "call": [SYSTEM, WEATHER, CALL],
    "result": [SYSTEM, WEATHER, CALL, RESULT],
    "results": [WEATHER, CALLS, *RESULTS, {"role": "assistant", "content": "Warm, and nothing."}, {"role": "user", "content": "Thanks </s>"}],
    "arguments as text": [WEATHER, {"role": "assistant", "content": "", "tool_calls": [call("call12345", "get_weather", "{\"city\": \"Bern\"}")]}, RESULT],
    "parts": [
        {"role": "system", "content": [{"type": "text", "text": "You see."}]},
        {"role": "user", "content": [{"type": "image", "url": "a.png"}, {"type": "text", "text": " What is this? "}]},
    ],
    "mixed parts": [
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, {"type": "image"}, {"type": "image"}, {"type": "text", "text": "Same?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "No. "}]},
        {"role": "user", "content": "Why?"},
    ],
    "two users": [{"role": "user", "content": "One"}, {"role": "user", "content": "Two"}],
    "unknown role": [{"role": "critic", "content": "Bad."}, {"role": "user", "content": "Why?"}],
    "no content": [{"role": "user"}],
    "empty": [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}],
}

PROMPT = {"addGenerationPrompt": True}
CASES = (
    [[name, {}] for name in CONVERSATIONS]
    + [[name, PROMPT] for name in ("one", "spaces", "system", "turns", "long", "thinking", "result", "parts", "mixed parts")]
    + [[name, {"tools": True}] for name in ("one", "long", "call", "answered")]
    + [[name, {"tools": True, **PROMPT}] for name in ("spaces", "system", "result", "results", "arguments as text", "parts")]
    + [[name, {"documents": True, **PROMPT}] for name in ("system", "turns")]
    + [["result", {"tools": True, "documents": True}]]
    + [[name, {"continueFinalMessage": True}] for name in ("one", "answered", "thinking", "turns", "call", "parts", "mixed parts", "empty", "spaces")]
    + [["turns", {"enable_thinking": False, **PROMPT}], ["thinking", {"enable_thinking": True, "thinking": True, **PROMPT}]]
    + [["system", {"reasoning_effort": "high", "model_identity": "You are a test.", "builtin_tools": ["python", "browser"], "tools": True, **PROMPT}]]
    + [["one", {"date_string": "1 Jan 2030", "bos_token": "<start>", "citation_mode": "ON", "controls": {"length": "long"}, "xml_tools": ["a"], **PROMPT}]]
    + [["system", {"tools_in_user_message": False, "builtin_tools": ["brave_search"], "tools": True}]]
)

IN_FULL = [
    ["parts", {}],
    ["thinking", PROMPT],
    ["turns", PROMPT],
    ["results", {"tools": True, **PROMPT}],
    ["system", {"documents": True, **PROMPT}],
    ["answered", {"continueFinalMessage": True}],
]

LLAMA = ("<|begin_of_text|>", "<|eot_id|>")
DEEPSEEK = ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
SPECIAL_TOKENS = {
    "llama-3": LLAMA,
    "llama-3.1": LLAMA,
    "llama-3.2": LLAMA,
    "gemma-2": ("<bos>", "<eos>"),
    "gemma-3": ("<bos>", "<end_of_turn>"),
    "gemma-4": ("<bos>", "<turn|>"),
    "deepseek-r1": DEEPSEEK,
    "deepseek-r1-distill": DEEPSEEK,
    "deepseek-v3.1": DEEPSEEK,
    "command-r-plus.default": ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
    "command-r-plus.tool_use": ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
}

MASK = {"returnDict": True, "returnAssistantTokensMask": True}
TOKENIZED_CASES = [
    ["one", {}],
    ["turns", PROMPT],
    ["result", {"returnDict": True, "tools": True}],
    ["long", MASK],
    ["thinking", MASK],
    ["turns", {**MASK, "truncation": True, "maxLength": 24}],
    ["results", {**MASK, "tokenizerKwargs": {"returnSpecialTokensMask": True}}],
    [["one", "long", "turns"], {"padding": True}],
    [["one", "long", "thinking"], {**MASK, "padding": True}],
    [["answered", "thinking"], {"continueFinalMessage": True, "returnDict": True, "padding": "maxLength", "maxLength": 60, "truncation": True}],
    [["one"], PROMPT],
    ["answered", {"continueFinalMessage": True, "tokenizerKwargs": {"padToMultipleOf": 8}, "padding": True}],
    ["one", {"addGenerationPrompt": True, "continueFinalMessage": True}],
    ["one", {"returnAssistantTokensMask": True}],
    ["one", {**MASK, "continueFinalMessage": True}],
]
TOKENIZED = [
    ["roberta", "chatml", TOKENIZED_CASES],
    ["roberta", "qwen3-generation", TOKENIZED_CASES],
    ["xlm-roberta", "qwen3-generation", TOKENIZED_CASES],
    ["bert-uncased", "llama-3", TOKENIZED_CASES],
]
