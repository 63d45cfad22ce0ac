"""Lines that are hard for one reason each, and more random Unicode; they come after those of `texts.py`."""

import random

from texts import EDGES, SENTENCES, random_character

# Scripts that put no spaces between words, and marks around their letters.
UNSPACED = [
    "មនុស្សទាំងអស់កើតមកមានសេរីភាពនិងសមភាពក្នុងសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។",
    "လူတိုင်းသည်တူညီလွတ်လပ်သောဂုဏ်သိက္ခာဖြင့်လည်းကောင်း၊တူညီလွတ်လပ်သောအခွင့်အရေးများဖြင့်လည်းကောင်းမွေးဖွားလာသူများဖြစ်သည်။",
    "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།",
    "ມະນຸດທຸກຄົນເກີດມາມີກຽດສັກສີ,ສິດທິ,ເສລີພາບແລະຄວາມສະເໝີພາບເທົ່າທຽມກັນ.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันน้ำใจกำลังทำงานที่นี่",
    "सर्वे मानवाः स्वतन्त्राः समुत्पन्नाः वर्तन्ते अपि च गौरवदृशा अधिकारदृशा च समानाः",
    "എല്ലാമനുഷ്യരുംജന്മനാസ്വതന്ത്രരുംതുല്യരുമാണ്",
    "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ ಹಾಗೂ ఘనతలో మరియు హక్కులలో సమానులు",
    "සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත ක්‍ෂ ශ්‍රී",
    "ᠬᠦᠮᠦᠨ ᠪᠦᠷ ᠲᠥᠷᠥᠵᠦ ᠮᠡᠨᠳᠡᠯᠡᠬᠦ ᠡᠷᠬᠡ ᠴᠢᠯᠥᠭᠡ",
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。カタカナーひらがな漢字ＡＢＣ",
    "ทุกคนมีสิทธิ" * 12,
]

EMOJI = [
    "🇩🇪🇫🇷🇯🇵🇺 🇸 🇦🇧🇨",
    "0️⃣1️⃣9️⃣*️⃣#️⃣ 1⃣ ⃣",
    "❤ ❤︎ ❤️ ☁︎☁️ 葛\U000e0100葛\U000e0101 ᠠ᠋ \ufe0f\ufe0f",
    "👨‍👩‍👧‍👦👩🏿‍❤️‍💋‍👨🏻🏴‍☠️🏳️‍⚧️🧑🏽‍🤝‍🧑🏾🐻‍❄️",
    "👨\u200d 👨\u200d\u200d👩 \u200d👩 👩\u200dx x\u200d👩",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f🏴\U000e0067 \U000e007f",
    "🏻🏼🏽 x🏿 👋🏿👋🏻! a👍b👍🏽c",
    "😀" * 40,
    "👩‍👩‍👧‍👦" * 15,
]

MARKS = [
    "a" + "\u0301\u0323" * 60 + "b",
    "e\u0301\u0301\u0301 \u0301\u0301 n\u0303\u0308 ü\u0304ǖ \u1e69 s\u0323\u0307 s\u0307\u0323",
    "H̷̢̛e̶͔̍l̸̰̀l̷̖͝o̸̮͝ Ẉ̴͝o̴̜͌r̵̘̈l̴͉̐d̷͎̈",
    "\u1100\u1161 \u1100\u1161\u11a8 \u1100\u1100 \u1161\u1161 가\u11a7 가\u11a8 각\u11a8 \ua960\u1161 \ud7b0\u11a8 ᄀ가",
    "ᄒᆞᆫ글 \u1112\u119e\u11ab 나\u302eᄅᆞᆯ",
    "\u200ea\u200fb\u061cc \u2067שלום\u2069 \u202dabc\u202c \u202b(עברית)\u202c [מבחן], 12-34",
    "السَّلَامُ عَلَيْكُمْ وَرَحْمَةُ اللَّهِ ـــ لا ﻻ ٱ ٰ",
    "בְּרֵאשִׁית בָּרָא אֱלֹהִים שׁ שּׁ יִ",
    "ΟΔΟΣ ΟΔΟΣ. ΟΔΟΣΑ Σ ΣΣ ΑΣ'Σ ΑΣ\u0301 ΑΣ\u00adΑ ΑΣ- ΑΣ\u200bΑ ὈΔΥΣΣΕΎΣ ΜΆΪΟΣ ᾼΣ",
    "İ İ\u0307 I\u0307 i\u0307 ı Iı İİİ ÀÌ LJ Lj ǰ ŉ ẞ ﬃ ﬀΣ Ⅳ Ⓩ Ω K Å ſ ﬅ",
    "Ｈｅｌｌｏ　Ｗｏｒｌｄ！ ｱｲｳｴｵﾞ ﾞ ﾊﾟﾞ ｶﾞ ヷ ガ ㌔㌘ ㋿ ℻ ½⅔ x² H₂O ™ ﷺ ﷽ …",
    "𝓗𝓮𝓵𝓵𝓸 𝕨𝕠𝕣𝕝𝕕 𝟏𝟐𝟑 𐐔𐐇 𞤀𞤁 𒀀𒀁 𓀀𓀁 𠮷野家 𡨸喃 𪚥 𫠝",
    "\U0001d15e\U0001d165\U0001d157\U0001d16e \u0344\u0340\u0341\u0343 \u212b\u2126\uf900\U0002f800",
]

CODE = [
    "def f(x):\n\tif x:\n\t\treturn {'a': [1, 2.50, 0x1F, 1e-9]}\n    else:\n        pass\n\n\n",
    "\tfor (let i = 0; i < 10; ++i) {\r\n\t\tconsole.log(`${i}: \"${a[i]}\"`) // ok?\r\n\t}\r\n",
    "<div class=\"x\">\n  <p>Hello&nbsp;<b>you</b></p>\n\t</div>\n",
    "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", 1<<8); return 0; }",
    "a\n\nb\n\n\nc\r\rd\r\n\r\ne \n f\t\n\tg\n \n \n\nh",
    "x  \n  y   \n\n   z\t \t \n",
    "{\"key\": [null, true, -1.5e+10, \"\\u00e9\"]}",
    "$ git commit -m 'fix: a~b^c' && ls -la | grep \"^d\" > /dev/null 2>&1",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ∫₀^∞ e^{−x²}dx",
    "1234567890 12,345.67 1.000.000,00 ١٢٣٤٥ १२३४ 1a2b3c 0b1010 v1.2.3-rc.4",
    "I'VE we'LL DON'T it'S 'Tis he'd've y'all're o'clock ''' 'm'm",
    "HelloWorld HTTPServer iPhone ABCdef ÀÉÎõü ΑΒγδ ЖЗий ǅabc",
    "http://a.b/c?d=e&f=%20#g mailto:x@y.z C:\\dir\\file.txt ../a/./b",
]

SPACES = [
    " " * 17,
    "\n" * 9,
    "\t" * 9 + "x" + "\t" * 3,
    "a" + " " * 40 + "b",
    "\u00a0\u00a0a\u00a0 \u3000b\u3000\u3000\u2003 c\u2028\u2029d\x85e\x0b\x0cf\x1c\x1d\x1e\x1fg",
    "\u200b\u200b \ufeff\ufeffx\u2060 \u180e \u00ad\u00ad",
    "\x00\x01\x02 \x7f\x80\x81 \x00a\x00 \ufffe\uffff \ufdd0 \U0001fffe",
    "\ue000\ue001 \uf8ff\U000f0000\U0010fffd\U0010ffff",
]

# How tokens are spelled inside a vocabulary.
SPELLINGS = [
    "▁ ▁▁ ▁the the▁ ▁ a ▁\n▁",
    "Ġ Ġthe ĠĠ Ċ ĉ Âł ï»¿",
    "##s ##the the## # ## ### @@s @@ s@@",
    "</w> the</w> a</w>b </w></w>",
    "<0x0A> <0x41><0x42> <0xE2><0x82><0xAC> <0x> <0xGG> <0x00>",
    "| a|b |a||b| || a | b",
    "<pad> <pad><pad> <s>a</s> <unk> [UNK] [PAD] <|endoftext|>a <|startoftext|> <eos><bos>",
    "<|im_start|>user\nHi<|im_end|>\n<think>\n\n</think>\n\n<|begin_of_text|><|eot_id|> <|start|>a<|return|>",
    "<start_of_turn>user\nHi<end_of_turn>\n\n\n\n<table><tr></table> <sep><cls> <eod> en_XX de_DE <extra_id_0> <extra_id_3>x",
]

# For the tokenizer whose added tokens are of every kind.
ADDED = [
    "New York, New Yorker, in New York. xNew York New York2 New York_",
    "<left>  a  <right>  b  <both>  c  <none>  d",
    "a<left>b<right>c<both>d<none>e \n<left>\t<right>\n",
    "ab abc abcd abcde xabcd ABC AbCd abab",
    "Straße STRASSE straße CAFÉ Café cafe\u0301 café É É",
    "a.b*c+ a.b a.b*c [x](y) \\d ^$ (?:x)|y $& $1 {2} a\\b",
    "two  spaces x two spaces  lead xlead trail y a\nb a\n b",
    "👍🏽 👍 👍🏿 中文 中 文 中文字 𠮷 𠮷野",
    "word words sword word. word's word_word Word WORD wörd word\u0301 word\u200dx",
    "<ONE><two><One> <TWO> <one>",
    "word<none>word <none>word New York<none>New York",
    "<right>   <left>   <both>   <right>",
    "<both><both> <both> <both>x",
    "ß\u200d<both>\u00a0\u3000x ㎏ kg Kg ﬁ fi <x\u0301>",
]

LONG = [
    "antidisestablishmentarianism" * 12,
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 5 + " ist lang",
    "x" * 300 + " " + "ab" * 160,
    "-" * 200 + "=" * 101,
    "ñ" * 310,
    "一" * 320,
    "1" * 333,
    "a\u0308" * 160,
    "\U00020000" * 130,
    "!?" * 150,
    "a b " * 90,
    "the" + "e" * 150 + " the" * 80,
]

# For vocabularies that `families/` adds a word to.
MADE_UP = ["Ʞꞁꟽ ꞁꟽ Ʞꞁ ꞁ ꟽ Ʞ ꟽꟽ ꟽꞁꞰ", "𝒳" * 20 + " " + "𝒳" * 21 + " " + "𝒳" * 11 + " x𝒳"]

HARD = UNSPACED + EMOJI + MARKS + CODE + SPACES + SPELLINGS + ADDED + LONG + MADE_UP


def any_units(rnd, length):
    """A string of any UTF-16 units, most of its surrogates lone. Python keeps pairs that meet as two characters: they
    are kept apart, so that both languages read the same string."""
    result = ""
    while len(result) < length:
        unit = chr(rnd.choice((rnd.randint(0, 0x7F), rnd.randint(0xD800, 0xDFFF), rnd.randint(0x4E00, 0x9FFF))))
        if result and "\ud800" <= result[-1] < "\udc00" and "\udc00" <= unit < "\ue000":
            continue
        result += unit
    return result


def hard_lines():
    rnd = random.Random(21)
    sentences = SENTENCES + UNSPACED
    pieces = [character for line in EMOJI + MARKS + SPACES + SPELLINGS for character in line]
    result = list(HARD)
    for _ in range(80):
        result.append("".join(rnd.choice(pieces) for _ in range(rnd.randint(1, 30))))
    for _ in range(80):
        result.append("".join(random_character(rnd) for _ in range(rnd.randint(1, 30))))
    for _ in range(40):
        result.append(any_units(rnd, rnd.randint(1, 24)))
    for _ in range(60):
        # The middle of a sentence: no word is whole, and marks may come first.
        sentence = rnd.choice(sentences)
        start = rnd.randrange(len(sentence))
        result.append(sentence[start : start + rnd.randint(1, 60)])
    for _ in range(60):
        result.append(rnd.choice(("", " ", "\n", "\t", "<none>", "word")).join(rnd.choice(SPELLINGS + ADDED + EMOJI[:7]).split(" ")))
    for _ in range(12):
        result.append(rnd.choice(("", " ", "\n\n")).join(rnd.choice(sentences + EDGES[:70]) for _ in range(6)))
    return result
