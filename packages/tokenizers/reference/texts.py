"""The lines every tokenizer is asked about: sentences in many scripts, edge cases, recombinations, random Unicode."""

import random
import unicodedata

SENTENCES = [
    # The first article of the Universal Declaration of Human Rights, and some prose to go with it.
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.",
    "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají spolu jednat v duchu bratrství.",
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
    "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً بروح الإخاء.",
    "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.",
    "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
    "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।",
    "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள்.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
    "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心,並應以兄弟關係的精神互相對待。",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
    "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։",
    "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።",
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my purse, I thought I would sail about a little and see the watery part of the world.",
    "It's what we've always said: they'll come, I'm sure, and you're welcome; he'd know. Don't you think it isn't so? 'Twas DON'T and I'LL.",
    "def encode(self, text: str) -> list[int]:\n    return [self.vocab.get(t, self.unk) for t in text.split()]  # 42 != 0x2A",
    "https://example.org/path?q=caf%C3%A9&n=10#top user@example.com +1 (555) 010-9999 3.14159 1,000,000 €5.99 №7 50% ½ ² Ⅷ",
    "SELECT name, COUNT(*) FROM \"users\" WHERE id >= 100 AND note <> 'it''s' GROUP BY name;",
]

EDGES = [
    "",
    " ",
    "   ",
    "\t\n\r\n",
    "a",
    " a",
    "a ",
    "  two  spaces   three    four ",
    "line one\nline two\r\nline three\rline four\n\n\n",
    "tab\there\x0bvertical\x0cform\x1cfile\x85next\u2028line\u2029paragraph",
    "\x00null\x01one\x1besc\x7fdel\x80pad\x9fapc",
    "no\u00a0break \u1680ogham \u2003em \u202fnarrow \u205fmath \u3000ideographic",
    "zero\u200bwidth\u200cnon\u200djoiner\u2060word\ufeffbom soft\u00adhyphen",
    "\u202aembedding\u202e override \u2066isolate\u2069 \u200fmark\u200e",
    "שלום hello עולם 123 مرحبا (abc) ١٢٣",
    "\ue000private\uf8ff \U000f0000use\U0010fffd",
    "\ufffdreplacement\ufffd \ufffc object",
    "e\u0301 e\u0323\u0302 \u1ec7 \u00e9 o\u0302\u0323 \u0061\u0315\u0300\u05ae\u0062 \u0344 \u0958 \u2126 \u212b \u1e9b\u0323",
    "\u0301starts with a mark \u0300",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "ﬁ ﬀ ﬃ ĳ ŉ ǆ ㎏ ㍿ ℌ 𝔘𝔫𝔦 𝟘𝟙𝟚 Ａｂｃ１２３！ ① ⑳ ㈱ ﷺ ﷻ",
    "ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟﾌﾟ ｱｲｳｴｵ ヴｧ が か\u3099 は\u309a",
    "각 가\u11a8 \u1100\u1161\u11a8 힣 ㄱㅏ ﾡ",
    "İstanbul ISPARTA ıĞŞÇÖÜ \u0130\u0307 ŒUVRE ẞ ß ŉ ΌΣΟΣ ΣΑΣ ὈΔΥΣΣΕΎΣ Σ ΑΣ. ΑΣΑ Ά ΐ",
    "ǅ ǈ ᾳ ᾼ Ⴀ Ა ა Ꭰ ꭰ 𐐀𐐨 𞤀𞤢 Ⓐ Ⅷ K Å ℵ",
    "𠀀𠀁 𪜀 𫝀 𫠠 𬺰 𰀀 丽 豈 㐀 々〇〆 ㄅㄆ 㑳",
    "中文,字。混合English文字１２３４",
    "👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ☺ 1️⃣ #️⃣ 🧑🏿‍🚀 ©️ ® ™️ 🫠",
    "a\u200d\u0301b ©\u200d© é\u200d \u0600a \u06dd1 \u0d4e\u0d15 ก\u0e33 ລ\u0eb3 x\ufe0f y\U000e0100",
    "क्षत्रिय र्क ज्ञ श्री ক্ষ্ম กำ ที่ นี้ မြန်မာ ខ្មែរ བོད་",
    "don't I'm we'll they've he'd you're it's 'tis O'Brien's 'S 'LL ' s",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "…—–‐‑«»“”‘’„‚‹›¡¿·•§¶†‡‰′″※、。「」『』【】〜！？・",
    "€£¥¢₹₿+−×÷=≠≤≥±∞∑∏√∂∫≈°µ^`´¨¯¸˛˝¬|¦",
    "x" * 99,
    "x" * 100,
    "x" * 101,
    "é" * 100 + " " + "𠀀" * 101,
    "antidisestablishmentarianism Donaudampfschifffahrtsgesellschaft",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bababababababababababababababababababababab",
    "[CLS] [SEP][MASK] [mask] [ MASK ] [UNK]x[PAD]",
    "<s> </s><mask> a <mask>b  <mask>  c<mask> <unk><pad> <s>NOTUSED",
    "[MASK]  two [MASK],[MASK]. x[MASK]y",
    "``quoted'' ''twice`` \"plain\"",
    "▁already ▁▁marked Ġspace Ċline Ã©",
    "<0x41><0xE2> ##piece ## #",
    "lone \ud800 high \udc00 low \udfff\ud800 pair swapped a\ud83d",
    "\r\nCRLF\r\n at ends\r\n",
    "ᬀ᭎᭏ ᭽ \u061d\u09fd\u0a76\u0c77 \u1ac0\u1abf\u0301 \u1df6\u0300 𐽆𐽇 \U0001133b \u1715 \U00011938 \U0001e030",
    "１２３ ٣٤ ৩৪ ⅓ ㊿ ௧ 𝟙 〇 五 ꧑ Ⅻ ⒈ ❶ ¹",
    "snake_case camelCase kebab-case SCREAMING_CASE dot.path a_b__c _ __",
    "\u1100" * 8 + "\u1161" * 8 + "\u11a8" * 8,
    "1\u20e3 a\u0488 \u0903\u0901 \u0e31 \u3099 \u302e\u302f \u1cf2\u1cf3 \u1734 \U0001171e",
]


def random_character(rnd):
    while True:
        plane = rnd.random()
        if plane < 0.25:
            code = rnd.randint(0x20, 0x7E)
        elif plane < 0.4:
            code = rnd.randint(0x80, 0x5FF)
        elif plane < 0.5:
            code = rnd.randint(0x300, 0x36F)
        elif plane < 0.85:
            code = rnd.randint(0x600, 0xFFFF)
        else:
            code = rnd.randint(0x10000, 0x323AF)
        # Assigned by Unicode 14, which every supported browser knows, so that no answer hangs on its age.
        if unicodedata.category(chr(code)) not in ("Cs", "Cn"):
            return chr(code)


def lines():
    rnd = random.Random(20)
    words = [word for sentence in SENTENCES for word in sentence.split(" ")]
    characters = [character for sentence in SENTENCES + EDGES for character in sentence]
    result = EDGES + SENTENCES
    for _ in range(900):
        result.append(" ".join(rnd.choice(words) for _ in range(rnd.randint(2, 9))))
    for _ in range(300):
        mixed = [rnd.choice((str.upper, str.lower, str.title, str.swapcase))(rnd.choice(words)) for _ in range(rnd.randint(2, 6))]
        result.append(rnd.choice(("", " ", ", ", "-", "\n", "  ", "[MASK]", "<mask>", " <mask>")).join(mixed))
    for _ in range(300):
        result.append("".join(rnd.choice(characters) for _ in range(rnd.randint(1, 25))))
    for _ in range(600):
        result.append("".join(random_character(rnd) for _ in range(rnd.randint(1, 20))))
    for _ in range(100):
        form = rnd.choice(("NFC", "NFD", "NFKC", "NFKD"))
        result.append(unicodedata.normalize(form, " ".join(rnd.choice(words) for _ in range(4))))
    return result


def corpus():
    """What the tokenizers are trained on."""
    rnd = random.Random(7)
    words = [word for sentence in SENTENCES for word in sentence.split(" ")]
    return SENTENCES * 20 + [" ".join(rnd.choice(words) for _ in range(8)) for _ in range(500)]
