import time

import pytest

from chalicelib.language import language

SAMPLES = [
    ("en", "I have taken baclofen for two years and it helped with the cramps at night."),
    ("en", "It made me very tired, but after a week I could sleep again."),
    ("en", "Do not stop it suddenly, please ask your doctor first."),
    ("de", "Ich nehme Baclofen seit zwei Jahren und es hilft mir sehr gegen die Krämpfe."),
    ("de", "Nach einer Woche war die Müdigkeit weg, aber der Schwindel ist noch da."),
    ("de", "Bitte setzen Sie das Mittel nicht ohne Ihren Arzt ab."),
    ("fr", "Je prends du baclofène depuis deux ans et il m'aide beaucoup contre les crampes."),
    ("fr", "Après une semaine la fatigue était partie, mais les vertiges sont restés."),
    ("fr", "C'est un médicament qui ne convient pas à tout le monde."),
    ("es", "Tomo baclofeno desde hace dos años y me ayuda mucho con los calambres."),
    ("es", "Después de una semana el cansancio se fue, pero los mareos siguen."),
    ("es", "No lo dejes de golpe sin hablar con tu médico."),
    ("pt", "Tomo baclofeno há dois anos e ajuda-me muito com as cãibras."),
    ("pt", "Depois de uma semana o cansaço passou, mas as tonturas não."),
    ("pt", "Não pare o remédio sem falar com o seu médico."),
    ("it", "Prendo il baclofene da due anni e mi aiuta molto con i crampi."),
    ("it", "Dopo una settimana la stanchezza è passata, ma le vertigini sono rimaste."),
    ("it", "Non smettere senza parlare con il tuo medico."),
    ("nl", "Ik gebruik baclofen al twee jaar en het helpt mij goed tegen de krampen."),
    ("nl", "Na een week was de vermoeidheid weg, maar de duizeligheid niet."),
    ("nl", "Stop er niet mee zonder met je arts te praten."),
    ("pl", "Biorę baklofen od dwóch lat i bardzo mi pomaga na skurcze."),
    ("pl", "Po tygodniu zmęczenie minęło, ale zawroty głowy są nadal."),
    ("pl", "Nie odstawiaj leku bez rozmowy z lekarzem, to jest ważne."),
    ("cs", "Beru baklofen už dva roky a velmi mi pomáhá na křeče."),
    ("cs", "Po týdnu únava zmizela, ale závratě jsou tu pořád a nevím, co s tím."),
    ("cs", "Nevysazujte ho bez lékaře, je to nebezpečné a může se to zhoršit."),
    ("sk", "Užívam baklofen už dva roky a veľmi mi pomáha na kŕče."),
    ("sk", "Po týždni únava zmizla, ale závraty sú tu stále a neviem, čo s tým."),
    ("sv", "Jag har tagit baklofen i två år och det hjälper mig mycket mot kramperna."),
    ("sv", "Efter en vecka var tröttheten borta, men yrseln är kvar."),
    ("da", "Jeg har taget baclofen i to år, og det hjælper mig meget mod kramperne."),
    ("da", "Efter en uge var trætheden væk, men svimmelheden er der stadig, og det blev ikke bedre af at vente."),
    ("nb", "Jeg har tatt baklofen i to år, og det hjelper meg veldig mot krampene."),
    ("nb", "Etter en uke var trettheten borte, men svimmelheten er der fortsatt, og det ble ikke bedre av å vente."),
    ("fi", "Olen käyttänyt baklofeenia kaksi vuotta ja se auttaa minua kramppeihin, mutta en ole varma."),
    ("fi", "Viikon jälkeen väsymys oli poissa, mutta huimaus ei ole mennyt ohi."),
    ("hu", "Két éve szedem a baklofént, és nagyon sokat segít a görcsök ellen."),
    ("hu", "Egy hét után elmúlt a fáradtság, de a szédülés még mindig megvan, és nem tudom, hogy mi lesz."),
    ("ro", "Iau baclofen de doi ani și mă ajută foarte mult la crampe."),
    ("ro", "După o săptămână oboseala a trecut, dar amețelile sunt încă aici și nu știu ce să fac."),
    ("tr", "İki yıldır baklofen kullanıyorum ve kramplar için çok iyi geldi."),
    ("tr", "Bir hafta sonra yorgunluk geçti ama baş dönmesi daha var."),
    ("vi", "Tôi đã dùng baclofen được hai năm và thuốc giúp tôi rất nhiều."),
    ("vi", "Sau một tuần thì hết mệt nhưng tôi vẫn bị chóng mặt."),
    ("id", "Saya minum obat ini sudah dua tahun karena kram, dan itu sangat bisa membantu saya kalau malam."),
    ("id", "Setelah seminggu rasa lelah hilang, tapi pusing masih ada karena itu saya tidak bisa bekerja."),
    ("hr", "Uzimam baklofen već dvije godine i jako mi pomaže za grčeve."),
    ("hr", "Nakon tjedan dana umor je prošao, ali vrtoglavica je ostala i ne znam što da radim."),
    ("ru", "Я принимаю баклофен уже два года, и он мне очень помогает от судорог."),
    ("ru", "Через неделю усталость прошла, но головокружение осталось, и я не знаю, что делать."),
    ("uk", "Я приймаю баклофен вже два роки, і він мені дуже допомагає від судом."),
    ("uk", "Через тиждень втома минула, але запаморочення є й досі, і я не знаю, що робити."),
    ("bg", "Вземам баклофен от две години и много ми помага за крампите."),
    ("bg", "След една седмица умората мина, но замайването остана и не знам какво да правя."),
    ("sr", "Узимам баклофен већ две године и много ми помаже, али сам уморан."),
    ("sr", "После недељу дана умор је прошао, али вртоглавица је остала и не знам шта да радим."),
    ("ar", "أتناول الباكلوفين منذ عامين وقد ساعدني كثيرا في التشنجات من الليل إلى الصباح."),
    ("ar", "بعد أسبوع ذهب التعب لكن الدوخة لا تزال هنا ولا أعرف ما أفعل."),
    ("fa", "من دو سال است که باکلوفن مصرف می\u200cکنم و خیلی به من کمک کرده است."),
    ("fa", "بعد از یک هفته خستگی رفت اما سرگیجه هنوز هست و این را نمی\u200cدانم."),
    ("ur", "میں دو سال سے بیکلوفین لے رہا ہوں اور اس سے مجھے بہت مدد ملی ہے۔"),
    ("he", "אני לוקח בקלופן כבר שנתיים וזה עוזר לי מאוד נגד ההתכווצויות."),
    ("el", "Παίρνω βακλοφένη εδώ και δύο χρόνια και με βοηθάει πολύ."),
    ("ja", "バクロフェンを二年間飲んでいます。夜のけいれんにとても効きました。"),
    ("zh", "我服用巴氯芬已经两年了，对夜间抽筋很有帮助。"),
    ("ko", "바클로펜을 2년째 복용하고 있는데 밤에 나는 경련에 도움이 됩니다."),
    ("th", "ผมกินยาบาโคลเฟนมาสองปีแล้วและช่วยเรื่องตะคริวได้มาก"),
    ("hi", "मैं दो साल से बैक्लोफेन ले रहा हूँ और इससे मुझे बहुत मदद मिली है।"),
    ("mr", "मी दोन वर्षांपासून बॅक्लोफेन घेत आहे आणि मला खूप फायदा झाला, पण चक्कर येते."),
    ("bn", "আমি দুই বছর ধরে ব্যাক্লোফেন খাচ্ছি এবং এটি আমাকে অনেক সাহায্য করেছে।"),
    ("ta", "நான் இரண்டு வருடங்களாக பாக்லோஃபென் எடுத்துக்கொள்கிறேன்."),
    ("ka", "ორი წელია ბაკლოფენს ვიღებ და ძალიან მეხმარება."),
    ("am", "ባክሎፌን ሁለት ዓመት ወስጃለሁ እና በጣም ረድቶኛል ግን አሁን ነው"),
    ("ca", "Prenc baclofèn des de fa dos anys i m'ajuda molt amb les rampes, però aquest any no."),
    ("lt", "Vartoju baklofeną jau dvejus metus ir man labai padeda nuo mėšlungio, bet aš pavargau."),
    ("lv", "Es lietoju baklofēnu jau divus gadus, un tas man ļoti palīdz, bet reibonis nav pārgājis."),
    ("et", "Ma olen võtnud baklofeeni kaks aastat ja see aitab mind väga, aga peapööritus ei ole kadunud."),
    ("sl", "Baklofen jemljem že dve leti in mi zelo pomaga, ampak vrtoglavica je ostala in ne vem, kaj naj."),
    ("is", "Ég hef tekið baklófen í tvö ár og það hjálpar mér mjög mikið við krampa, en ég er þreyttur."),
    ("sw", "Nimetumia dawa hii kwa miaka miwili na imenisaidia sana lakini nina kizunguzungu."),
    ("tl", "Dalawang taon na akong umiinom ng gamot na ito at nakatulong ito sa mga pulikat ko pero nahihilo ako."),
    ("ga", "Tá mé ag glacadh an leigheas seo le dhá bhliain agus bhí sé go maith."),
    ("sq", "Unë e marr këtë ilaç prej dy vitesh dhe më ka ndihmuar shumë, por jam i lodhur."),
    ("af", "Ek gebruik hierdie middel al twee jaar en dit help my baie, maar ek is nie seker nie."),
    ("ms", "Saya makan ubat ini selama dua tahun dan ia sangat membantu kerana saya boleh tidur."),
    ("mk", "Земам баклофен веќе две години и многу ми помага, но ова не е лек за сите и јас сум уморен."),
    ("be", "Я прымаю баклафен ужо два гады, і ён мне вельмі дапамагае, але галавакружэнне ёсць."),
    ("kk", "Мен баклофенді екі жыл ішіп жүрмін және бұл маған өте көмектесті, бірақ шаршаймын."),
    ("ne", "म दुई वर्षदेखि यो औषधि खाँदै छु र मलाई धेरै फाइदा भएको छ।"),
]
UNKNOWN = [
    "",
    "   ",
    "12345 !!!",
    "OK",
    "Thanks!",
    "Danke",
    "merci",
    "+1",
    "👍👍",
    "Baclofen 25 mg",
    "http://a.example/the/and/is",
    "lol",
    "Спасибо",
    "no",
    "si",
    "Hallo",
    "あり",
    "東京",
    "नमस्ते",
    "Buy Baclofen",
    "xyzzy plugh foo bar baz qux",
    "This is good and it helped me. Это очень хорошо, и помогло мне.",
    "Lorem ipsum dolor sit amet consectetur adipiscing elit",
    "ᚠᚢᚦᚨᚱᚲ",
    "x" * 3000,
]
HOSTILE = [
    "a" * 10_000,
    "the " * 2_500,
    "'-" * 5_000,
    "e\u0301" * 5_000,
    "\u0301" * 10_000,
    "://" * 3_300,
    "薬" * 10_000,
    "\ufdfa" * 10_000,
    "\U0001f469\u200d" * 5_000,
]


@pytest.mark.parametrize(("tag", "text"), SAMPLES, ids=lambda value: value[:24])
def test_a_sentence_or_two_tell_the_language(tag: str, text: str) -> None:
    assert language(text) == tag
    assert language(text.upper()) == tag or tag in {"tr", "el"}, "capitals lose dots and accents there"
    assert language(f"{text}\n\nhttps://the.example/and/is/of#it  me@the.example") == tag


@pytest.mark.parametrize("text", UNKNOWN, ids=lambda value: value[:24])
def test_what_is_short_mixed_or_no_language_is_not_guessed(text: str) -> None:
    assert language(text) is None


def test_as_many_languages_as_readers_are_likely_to_write() -> None:
    assert len({tag for tag, _ in SAMPLES}) > 40


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_long_text_takes_no_more_time_than_its_beginning(text: str) -> None:
    start = time.process_time()
    for _ in range(5):
        language(text)
    assert (time.process_time() - start) / 5 < 0.05
