"""In which language a text is written, by its script and its small words; not told where that would be a guess."""

import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

READ = 3000
"""So many characters tell a language; a longer text is not read further."""
LEAST_LETTERS = 4
"""So many letters of a script that only one language uses tell that language."""
LEAST_HAN = 8
LEAST_WORDS, LEAST_WEIGHT = 3, 1.5
"""So many words of a language must be there, and weigh so much: less what others use too."""
LEAST_SHARE = 0.12
"""And so large a part of all words must they be."""
CLEARLY = 1.25
"""So much more than the next language must the first one weigh."""
MOSTLY = 0.6
"""So large a part of all letters must be of one script."""
SOME_KANA = 0.05

_SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x005A, "Latn"),
    (0x0061, 0x007A, "Latn"),
    (0x00C0, 0x024F, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x0587, "Armn"),
    (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"),
    (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x137F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x3041, 0x30FF, "Kana"),
    (0x3400, 0x9FFF, "Hani"),
    (0xAC00, 0xD7AF, "Hang"),
    (0x20000, 0x3FFFF, "Hani"),
)
_STARTS = [start for start, _, _ in _SCRIPTS]

_ONE_LANGUAGE = {
    "Armn": "hy",
    "Beng": "bn",
    "Geor": "ka",
    "Grek": "el",
    "Gujr": "gu",
    "Guru": "pa",
    "Hang": "ko",
    "Hebr": "he",
    "Khmr": "km",
    "Knda": "kn",
    "Laoo": "lo",
    "Mlym": "ml",
    "Mymr": "my",
    "Orya": "or",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Thaa": "dv",
    "Thai": "th",
    "Tibt": "bo",
}
"""Scripts of one language, as good as: who writes Yiddish or Assamese is taken for the larger one."""

_WORDS: dict[str, dict[str, str]] = {
    "Latn": {
        "af": "die het nie ek is en van vir dit my was met ons wat om sal baie hulle kan ook maar jy dat aan",
        "ca": "el la els les de que i és una un per amb no es em va ha més però molt aquest aquesta també jo són "
        "he les dels al meu meva ni si quan com sense",
        "cs": "a je se na to že v ve s z jsem si mi ale jak po tak pro už by bylo byl jsou který která co jako "
        "nebo když jsme mě velmi také za od do není ho bez může ještě teď tu",
        "da": "og jeg det er en at af ikke til på med den for har som de var men efter om kan så der blev mig også "
        "min et fra hvad nogle være meget bliver havde selv",
        "de": "der die das und ist ich nicht es ein eine zu mit auf für den dem im in von hat habe mir mich sie wir "
        "auch war bei aber oder wenn nach als so wie bin noch sehr nur kann des werden wurde",
        "en": "the and is it to of that in was for not with my have you this i but on are be at had has they me "
        "from after were what an or so would can all when very been your as its it's i'm don't there if about",
        "es": "el la los las de que y es en un una no me por con para se lo pero mi más muy como fue está son al "
        "del yo ha he sin desde también este esta cuando si hay todo le su sus era porque",
        "et": "ja on ei see ma oli et kui ka mis mind ta aga oma seda või väga pärast minu kuid selle nii siis olen "
        "mulle mida",
        "fi": "ja on ei se että oli minun mutta kun en olen niin kuin mitä tämä joka vain myös sen hän minä sitä "
        "ovat tai ole jos nyt ollut minulle jälkeen hyvin",
        "fr": "le la les de des et est un une je ne pas que qui en du il ce à au pour dans sur avec mais ou plus "
        "très j'ai c'est mon ma me a cette été sont vous nous par d'un d'une comme elle bien tout même",
        "ga": "agus an na is ar le sé mé go ag bhí nach don níl ní sí leis tá gur chun mar seo sin mo",
        "hr": "i je u na da se za sam ne su s od mi što ali kao bi nije to koji sa samo kako ili bilo mogu vrlo "
        "jako tko uvijek nisam gdje prije poslije nakon lijek tijekom meni smo već još kod kad jer ima imam nego",
        "hu": "a az és hogy nem is egy van volt ez de meg mert én nagyon már csak azt mint ha el ki után kell még "
        "vagy nekem lehet sem ezt minden",
        "id": "yang dan di saya tidak untuk dengan ini itu dari ada pada akan bisa karena sudah juga ke sangat "
        "tetapi tapi setelah seperti oleh mereka kami dia adalah atau lebih banyak kalau",
        "is": "og að er ekki ég það sem var á í en við með fyrir til mér hef þetta þessi um af mjög eru hún hann eftir",
        "it": "il la lo gli le di che e è un una non mi per con sono ho ma più si da del della dei nel alla molto come "
        "anche questo questa ha stato dopo io al se ci mia mio perché",
        "lt": "ir yra ne kad buvo aš su į iš tai bet man kaip po labai mano nuo ar apie dėl taip jis ji už prie tik "
        "buvau šis",
        "lv": "un ir nav es tas ka ar no bet bija man par uz pēc ļoti kā arī mani vai ja kas to tikai bet viņš šis",
        "ms": "yang dan di saya tidak untuk dengan ini itu dari ada pada akan boleh kerana sudah juga ke sangat "
        "tetapi selepas seperti oleh mereka kami dia adalah atau lebih telah daripada ialah awak",
        "nb": "og jeg det er en å at av ikke til på med den for har som de var men etter om kan så der ble meg også "
        "min et fra hva noen være veldig blir hadde selv",
        "nl": "de het een en van ik is niet dat in te op voor met zijn er maar was heb ook als aan bij mijn die naar "
        "dit om na heeft wel zeer erg geen nog wat ze of ben werd mij hebben",
        "pl": "i w nie na się to że jest z do jak ale po co tak o od za był była jestem mi mnie przez czy są tylko już "
        "bardzo dla ma ten także być lub który mam nadal jeszcze teraz bez może tego",
        "pt": "o a os as de que e é em um uma não me por com para se mas meu minha mais muito como foi está são ao do "
        "da eu sem também este isso quando ou já no na dos das ele ela tem",
        "ro": "și în de la nu că este un o pe cu din am pentru mai care ce a fost dar mi sunt foarte după fi îmi m-am "
        "se au acest această sau când le al ale si",
        "sk": "a je sa na to že v vo s z som si mi ale ako po tak pre už by bolo bol sú ktorý ktorá čo alebo keď sme "
        "ma veľmi tiež za od do nie ho mám bez môže ešte teraz tu",
        "sl": "in je se na da v za sem ne so z s od mi kaj ali kot bi ni to ki pa samo kako tudi zelo po pri če bil "
        "bila lahko me sva nisem potem",
        "sq": "dhe është në e të për me nuk një që i më nga si u ka kam por ky kjo shumë pas edhe kur ishte jam",
        "sv": "och jag det är en att av inte till på med den för har som de var men efter om kan så där blev mig också "
        "min ett från vad några vara mycket blir hade själv",
        "sw": "na ya wa kwa ni katika la za cha si hii hiyo lakini yangu mimi sana kama alikuwa baada kuwa hata pia "
        "ambayo nina sasa watu",
        "tl": "ang ng sa na ay at mga ako hindi ko ito po para may ba siya pero lang kung din ni si naman nang akin "
        "kasi",
        "tr": "ve bir bu da de için ile çok ne ben ama daha gibi var olarak kadar sonra değil o mi en her şey beni "
        "bana benim oldu olan ya ise yok",
        "vi": "và là của tôi không có được cho một những này đã với các trong khi người rất nhưng thì để bị sau từ "
        "đó cũng như",
    },
    "Cyrl": {
        "be": "і не на што я гэта ў з па але як мне для да яго яна быў была было вельмі каб калі ці мяне пасля таксама "
        "ёсць толькі мой",
        "bg": "и не на че да се е в от за с аз това много съм като си но ми беше са до по след ме или който ако "
        "защото също ще",
        "kk": "және мен бұл үшін емес бар де бір ол деп өте кейін болды маған менің бірақ да еді жоқ қалай",
        "mk": "и не на што да се е во од за со јас ова многу сум како но ми беше ги го по кога ме или која бев исто "
        "ќе после",
        "mn": "нь би бол энэ байна юм их ба гэж миний надад бас биш дараа байсан ч тэр вэ",
        "ru": "и не на что я это в с по но как мне для к у его она был была было очень чтобы если или меня после так "
        "все есть только мой уже они за от мы ты из когда",
        "sr": "и не на што да се је у од за са ја ово врло сам као али ми био бити су до по после ме или који ако "
        "шта веома када јако није",
        "uk": "і не на що я це в у з по але як мені для до його вона був була було дуже щоб якщо чи мене після також "
        "є тільки мій та вже від й",
    },
    "Arab": {
        "ar": "في من على إلى أن لا ما هذا هذه التي الذي كان كانت مع عن لم أنا بعد هو هي ولكن أو كل قد جدا لكن و",
        "fa": "و در به از که این را با است برای من آن یک می بود هم شد خیلی بعد تا ها نیست اما یا کرد هر چه شده",
        "ps": "د او په چې ته دا نه له یو زه دی کې ده هم سره ډېر خو وو مې ور",
        "ur": "ہے کے میں کی اور سے کو یہ نے کا ہیں نہیں پر بہت تھا مجھے بھی لیے ایک اس جو ہو بعد تھی کر",
    },
    "Deva": {
        "hi": "है के में और की से को यह नहीं मैं हैं का ने पर बहुत था मुझे भी लिए एक इस जो हो बाद थी कर तो मेरे",
        "mr": "आहे आणि मी हे या ते नाही मला होते पण तर च्या खूप झाले होता आहेत त्या माझ्या नंतर साठी",
        "ne": "छ र मा को लाई यो म पनि छैन भएको थियो हो गर्न तर धेरै मलाई भने छन् पछि मेरो",
    },
    "Ethi": {
        "am": "ነው እና ውስጥ ላይ ግን እኔ ይህ ነበር በጣም አይደለም ወደ ከ ስለ አንድ",
        "ti": "እዩ እቲ ኣብ ናይ ከኣ እዚ ድማ ኣነ ነበረ ብጣዕሚ ኣይኮነን ናብ",
    },
}


Weights = Mapping[str, Sequence[tuple[str, float]]]


def _weighed(lists: Mapping[str, str]) -> Weights:
    """Return for each word the languages that use it, and what it weighs for each: less the more of them do."""
    users: dict[str, list[str]] = {}
    for tag, words in lists.items():
        for word in dict.fromkeys(words.split()):
            users.setdefault(word, []).append(tag)
    return {word: tuple((tag, 1 / len(tags)) for tag in tags) for word, tags in users.items()}


_SCRIPT_SUBTAG = 4
_JAPANESE = frozenset({"Kana", "Hani"})
_WRITTEN_IN = {
    "Jpan": _JAPANESE,
    "Kore": frozenset({"Hang", "Hani"}),
    "Hans": frozenset({"Hani"}),
    "Hant": frozenset({"Hani"}),
}
_OF_LANGUAGE = {
    **{tag: frozenset({script}) for script, lists in _WORDS.items() for tag in lists},
    **{tag: frozenset({script}) for script, tag in _ONE_LANGUAGE.items()},
    "ja": _JAPANESE,
    "ko": frozenset({"Hang", "Hani"}),
    "zh": frozenset({"Hani"}),
    "sr": frozenset({"Cyrl", "Latn"}),
    "kk": frozenset({"Cyrl", "Latn"}),
    "mn": frozenset({"Cyrl", "Mong"}),
    "pa": frozenset({"Guru", "Arab"}),
    "cy": frozenset({"Latn"}),
    "eu": frozenset({"Latn"}),
    "gl": frozenset({"Latn"}),
    "mt": frozenset({"Latn"}),
    "no": frozenset({"Latn"}),
}

_WEIGHED = {script: _weighed(lists) for script, lists in _WORDS.items()}


def language(text: str) -> str | None:
    """Return the language of a text as a BCP 47 tag, None when it is too short, mixed or in none that is known here.

    Takes time in proportion to the text, and to no more than its first 3,000 characters.
    """
    words = _words(unicodedata.normalize("NFC", text[:READ]).lower())
    letters = Counter(script for word in words for letter in word if (script := _script(letter)))
    total = sum(letters.values())
    if not total:
        return None
    if letters["Kana"] >= max(LEAST_LETTERS, SOME_KANA * total) and letters["Kana"] + letters["Hani"] >= MOSTLY * total:
        return "ja"
    script, count = letters.most_common(1)[0]
    if count < MOSTLY * total:
        return None
    if script == "Hani":
        return "zh" if count >= LEAST_HAN and not letters["Kana"] else None
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script] if count >= LEAST_LETTERS else None
    return _by_words(words, _WEIGHED.get(script, {}))


def main_script(text: str, least: int = LEAST_LETTERS) -> str | None:
    """Return the script (ISO 15924) of most letters of a text, None where fewer than `least` are in it."""
    if text.isascii():
        return "Latn" if sum(map(str.isalpha, text[:READ])) >= least else None
    letters = Counter[str]()
    for letter, times in Counter(text[:READ]).items():
        if letter.isalpha():
            letters[_script(letter) or ""] += times
    if letters["Kana"]:
        letters["Kana"] += letters.pop("Hani", 0)
    (script, count), *_ = letters.most_common(1) or [("", 0)]
    return script if script and count >= max(least, MOSTLY * letters.total()) else None


@lru_cache(maxsize=256)
def scripts_of(tag: str) -> frozenset[str]:
    """Return the scripts that a language (BCP 47) is written in, none for one that is not known here."""
    language, *subtags = tag.split("-")
    named = next((subtag.title() for subtag in subtags if len(subtag) == _SCRIPT_SUBTAG), None)
    if named:
        return _WRITTEN_IN.get(named, frozenset({named}))
    return _OF_LANGUAGE.get(language.lower(), frozenset())


def _words(text: str) -> list[str]:
    """Return the words, without addresses: those are Latin in every language."""
    spoken = (word for word in text.split() if "://" not in word and "@" not in word and not word.startswith("www."))
    kept = "".join(
        letter if letter.isalpha() or letter in "'-" or unicodedata.category(letter)[0] == "M" else " "
        for letter in " ".join(spoken).replace("’", "'")
    )
    return [word.strip("'-") for word in kept.split()]


def _script(letter: str) -> str | None:
    place = bisect_right(_STARTS, ord(letter)) - 1
    if place < 0 or ord(letter) > _SCRIPTS[place][1]:
        return None
    return _SCRIPTS[place][2]


def _by_words(words: Sequence[str], weighed: Weights) -> str | None:
    """Return the language whose small words weigh clearly the most, None where that is no language or no evidence."""
    weights: defaultdict[str, float] = defaultdict(float)
    used: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        for tag, weight in weighed.get(word, ()):
            weights[tag] += weight
            used[tag].append(word)
    (tag, weight), (_, other) = sorted([*weights.items(), ("", 0), ("", 0)], key=lambda each: -each[1])[:2]
    is_known = (
        weight >= LEAST_WEIGHT and len(set(used[tag])) >= LEAST_WORDS and len(used[tag]) >= LEAST_SHARE * len(words)
    )
    return tag if is_known and weight >= CLEARLY * other else None
