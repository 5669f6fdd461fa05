"""The conversations that simulated calls speak, all invented. Only words: their times are decided in `scripts.py`.

A line starts with who speaks: `<` the far end (heard on the inbound track), `>` our side (outbound). A `~` before it
means that the speaker does not wait for the other one to finish.
"""

from __future__ import annotations

# name -> (BCP 47 language, lines)
DIALOGUES: dict[str, tuple[str, str]] = {
    "parcel": (
        "en",
        """
> Good morning, Harbour Parcels, this is Dana speaking. How can I help you today?
< Hi Dana. I ordered a lamp two weeks ago and the tracking page has not moved since Monday.
> I'm sorry about that. Could you read me the order number, please?
< Sure, it's seven four two, then nine one eight.
~> Seven four two, nine one eight. Got it, thank you.
< It was meant to be a birthday present, so I'm getting a little nervous.
> I understand. I can see it here, it is sitting in our depot because the street number is missing.
~< Oh no, really? I typed that in, I'm sure I did.
> It happens with the short form on the phone. What is the full address?
< Forty-two Mill Lane, second floor, the bell says Okafor.
> Perfect. I've corrected it, and I'm putting it on tomorrow's van, between nine and noon.
< Tomorrow works. Will I get a message before the driver comes?
> Yes, you'll get a text about thirty minutes ahead, with a link to follow the van.
< Brilliant. And if nobody is home, can it go to the bakery downstairs?
~> Of course, I'll add the bakery as a safe place.
< You've saved the party. Thank you so much, Dana.
> My pleasure. I'm also refunding the shipping, because you should not have had to call.
< That's very kind of you. Have a lovely day!
> You too. Goodbye, and happy birthday to whoever gets the lamp.
""",
    ),
    "tutoring": (
        "en",
        """
< Hello, is this the tutoring centre? I'm calling about maths lessons for my daughter.
> Yes, you're in the right place. What year is she in, and what is giving her trouble?
< She's in year nine. Fractions were fine, but algebra has become a nightly battle.
~> Oh, that is a very common spot to get stuck.
> We usually start with a free half hour, just to see where the gaps are.
< That sounds sensible. Would it be online or in person?
> Either one. Online we use a shared whiteboard, and most students like it after five minutes.
< She would prefer in person, I think. Is there anything on Thursday after four?
> Thursday at half past four is free with Mister Lindqvist. He used to be an engineer.
~< Perfect, she loves to know what things are for.
> Then they'll get along. May I have her first name?
< Amara. And should she bring anything with her?
> Her last two tests and one exercise that she really dislikes.
< That will be a long list. What does it cost after the trial?
> Thirty-two an hour, or two hundred and eighty for ten lessons, and you can stop at any time.
< Good, no contract. I'm happy with that, please put us down.
> Done. You'll have a confirmation by email in a moment. See you both on Thursday.
""",
    ),
    "hotel": (
        "es",
        """
> Hotel Mirador del Puerto, buenas tardes, le atiende Lucía.
< Buenas tardes. Tengo una reserva para el viernes y quería cambiar la fecha.
> Claro que sí. ¿Me dice a nombre de quién está, por favor?
< A nombre de Tomás Herrera, son dos noches en habitación doble.
~> Sí, aquí la veo, con desayuno incluido.
< Exacto. El vuelo se ha retrasado un día, así que llegaríamos el sábado por la noche.
> Déjeme mirar. Del sábado al lunes me queda una doble, pero con vista al jardín y no al mar.
< Vaya, mi mujer tenía mucha ilusión con el mar. ¿No hay otra posibilidad?
> Puedo ofrecerle una junior suite con terraza por veinte euros más cada noche.
~< ¿Y se ve el mar desde la terraza?
> Se ve todo el puerto, y además es la más tranquila de la planta.
< Entonces nos quedamos con esa. ¿A qué hora cierra la recepción?
> Estamos abiertos toda la noche, no se preocupe por la hora.
< Estupendo. ¿Y habría sitio para aparcar un coche pequeño?
> Le reservo una plaza en el garaje, son doce euros al día.
< Muy bien, muchas gracias por su ayuda, Lucía.
> A usted. Le envío ahora mismo la confirmación por correo. ¡Buen viaje!
""",
    ),
    "heating": (
        "de",
        """
> Wärmedienst Nordlicht, guten Tag, mein Name ist Brandt. Was kann ich für Sie tun?
< Guten Tag, hier ist Seidel aus der Lindenstraße. Unsere Heizung macht seit heute Nacht keinen Mucks mehr.
> Das ist bei dem Frost natürlich unangenehm. Leuchtet an dem Gerät eine Anzeige?
< Ja, da blinkt ein rotes Licht und daneben steht F achtundzwanzig.
~> F achtundzwanzig, verstehe, dann zündet der Brenner nicht.
< Ist das gefährlich? Wir haben zwei kleine Kinder im Haus.
> Nein, keine Sorge, das Gerät schaltet genau dafür ab. Haben Sie es schon einmal neu gestartet?
< Zweimal, dann läuft es eine Minute und geht wieder aus.
> Dann schicke ich Ihnen heute noch jemanden vorbei. Passt es zwischen vierzehn und sechzehn Uhr?
~< Ja, das passt gut, ich arbeite heute von zu Hause.
> Wunderbar. Wie viele Personen wohnen im Haushalt, falls wir ein Ersatzgerät mitbringen?
< Wir sind zu viert, und warmes Wasser wäre uns ehrlich gesagt am wichtigsten.
> Das notiere ich mir. Der Kollege heißt Yilmaz und ruft eine halbe Stunde vorher an.
< Was kostet denn die Anfahrt ungefähr?
> Mit Ihrem Wartungsvertrag nichts, Sie zahlen nur das Material.
< Da bin ich aber erleichtert. Vielen Dank für die schnelle Hilfe!
> Sehr gern, Frau Seidel. Halten Sie noch ein paar Stunden durch, bis später.
""",
    ),
    "clinic": (
        "fr",
        """
> Cabinet dentaire des Tilleuls, bonjour, Camille à l'appareil.
< Bonjour madame, je vous appelle parce que j'ai très mal à une dent depuis hier soir.
> Je suis désolée. La douleur est plutôt au chaud, au froid, ou tout le temps ?
< Surtout quand je bois froid, mais cette nuit elle ne s'est pas arrêtée.
~> D'accord, et vous avez remarqué un gonflement ?
< Un petit peu sur la joue gauche, oui, mais je n'ai pas de fièvre.
> Très bien. Vous êtes déjà venu chez nous ou c'est la première fois ?
< Je suis venu il y a deux ans, au nom de Lefort, Antoine Lefort.
> Je vous retrouve. Le docteur Moreau peut vous recevoir aujourd'hui à dix-sept heures quinze.
~< Ah, parfait, je peux quitter le bureau un peu plus tôt.
> En attendant, évitez le froid et ne prenez pas d'aspirine, plutôt du paracétamol.
< J'en ai à la maison. Est-ce qu'il faut que j'apporte quelque chose ?
> Votre carte vitale et, si vous l'avez, votre dernière radio.
< Je dois l'avoir quelque part, je vais chercher ce midi.
> Et si jamais ça gonfle davantage avant ce soir, rappelez-nous tout de suite.
< C'est noté. Merci beaucoup, vous me sauvez la journée.
> Je vous en prie, monsieur Lefort. À tout à l'heure !
""",
    ),
    "internet": (
        "pt",
        """
> Rede Clara, boa tarde, meu nome é Juliana. Em que posso ajudar?
< Boa tarde, Juliana. A internet aqui de casa está caindo toda hora desde ontem.
> Poxa, sinto muito. Vou verificar a sua linha. Pode me confirmar o nome do titular?
< É Rafael Monteiro. Eu trabalho de casa e hoje já perdi duas reuniões.
~> Entendo, Rafael, isso é bem chato mesmo.
> Estou vendo aqui que o sinal chega fraco no seu modem. A luz da fibra está verde ou vermelha?
< Fica verde, depois pisca em vermelho e volta para o verde.
> Certo. O cabo fininho que entra no aparelho está dobrado em algum lugar?
~< Espera, deixa eu olhar atrás da mesa.
< Olha, está sim, a cadeira estava em cima dele. Será que quebrou?
> Pode ser que não. Tente soltar com cuidado e deixar uma curva bem aberta.
< Pronto, soltei. Agora a luz está verde e parada.
> Ótimo, o sinal subiu aqui também. Vou acompanhar a linha pelas próximas duas horas.
< E se cair de novo hoje à noite?
> Aí mando um técnico amanhã cedo, sem custo, já deixei a visita reservada.
< Perfeito. Muito obrigado pela paciência, viu?
> Imagina, Rafael. Um bom trabalho e boas reuniões para você!
""",
    ),
    "ryokan": (
        "ja",
        """
> お電話ありがとうございます。旅館あおば、受付の森でございます。
< もしもし、来月の予約についてお聞きしたいのですが。
> はい、かしこまりました。何日のご宿泊をご希望でしょうか。
< 十五日から二泊で、大人二人と子ども一人です。
~> 十五日から二泊でございますね。
> 確認いたしますので、少々お待ちください。はい、川側の和室が空いております。
< よかったです。夕食は部屋で食べられますか。
> はい、お部屋でもお食事処でもお選びいただけます。お子様のお食事はいかがなさいますか。
< 六歳なので、子ども用のメニューをお願いします。えびのアレルギーがあります。
~> えびでございますね、料理長に必ず申し伝えます。
< ありがとうございます。駅からの送迎はありますか。
> ございます。三時と四時半に、駅の北口からバスが出ております。
< では、三時のバスに乗ります。露天風呂は何時まで入れますか。
> 夜は十一時まで、朝は五時半からご利用いただけます。
< 楽しみです。名前は高橋、電話番号はこの番号で大丈夫です。
> 高橋様、ご予約を承りました。確認のメールをお送りいたします。
< よろしくお願いします。失礼いたします。
> お会いできるのを楽しみにしております。ありがとうございました。
""",
    ),
    "pharmacy": (
        "ar",
        """
> صيدلية الياسمين، مساء الخير، معك سلمى. كيف أقدر أساعدك؟
< مساء النور يا سلمى. عندي وصفة من الدكتور وأريد أن أعرف إن كان الدواء متوفرا.
> طبعا. ما اسم الدواء المكتوب في الوصفة لو سمحت؟
< هو شراب للسعال لطفل عمره خمس سنوات، والخط صعب القراءة قليلا.
~> لا تقلق، نحن متعودون على خط الأطباء.
> أرسل لي صورة الوصفة على رقم الصيدلية وسأقرأها لك حالا.
< حسنا، أرسلتها الآن. هل وصلت الصورة؟
> نعم وصلت وهي واضحة. الدواء موجود عندنا، وبقي منه ثلاث زجاجات.
< الحمد لله. كم مرة يأخذه في اليوم، قبل الأكل أم بعده؟
> ملعقة صغيرة ثلاث مرات بعد الأكل، لمدة خمسة أيام فقط.
~< وهل يسبب النعاس؟ لأن عنده مدرسة في الصباح.
> قد يسبب القليل من النعاس، لذلك الأفضل أن تكون الجرعة الأكبر في المساء.
< ممتاز. هل عندكم خدمة توصيل إلى حي النخيل؟
> نعم، التوصيل مجاني داخل الحي، ويصلك خلال أربعين دقيقة تقريبا.
< رائع جدا. أدفع نقدا عند الباب إذا أمكن.
> بكل تأكيد. أتمنى لطفلك الشفاء العاجل.
< شكرا جزيلا لك يا سلمى، مع السلامة.
> مع السلامة، وفي أمان الله.
""",
    ),
    "bank": (
        "hi",
        """
> नमस्ते, ज्योति सहकारी बैंक में आपका स्वागत है। मैं विकास बोल रहा हूँ।
< नमस्ते विकास जी। मेरा कार्ड कल से एटीएम में काम नहीं कर रहा है।
> मुझे खेद है। क्या मशीन पर कोई संदेश दिखाई देता है?
< हाँ, लिखा आता है कि कार्ड की अवधि समाप्त हो गई है।
~> अच्छा, तो नया कार्ड शायद डाक में है।
> मैं देख लेता हूँ। क्या आप अपना पूरा नाम बता सकती हैं?
< मेरा नाम मीरा कुलकर्णी है, पुणे की मुख्य शाखा में मेरा खाता है।
> धन्यवाद मीरा जी। नया कार्ड पिछले हफ्ते भेजा गया था, लेकिन पता पुराना था।
~< ओह, हमने तो मार्च में घर बदल लिया था।
> कोई बात नहीं, मैं पुराना कार्ड रोक कर नया कार्ड आज ही बनवा देता हूँ।
< यह कितने दिन में पहुँचेगा? मुझे शनिवार को यात्रा पर जाना है।
> डाक से पाँच दिन लगते हैं, पर आप कल शाखा से भी ले सकती हैं।
< तो मैं कल दोपहर को शाखा में आ जाऊँगी। क्या लाना होगा?
> बस कोई पहचान पत्र और नए घर का बिजली का बिल ले आइए।
< ठीक है। तब तक मैं मोबाइल से भुगतान कर सकती हूँ न?
> जी हाँ, मोबाइल भुगतान पहले की तरह चलता रहेगा।
< बहुत अच्छा, आपने तो बड़ी चिंता दूर कर दी। धन्यवाद।
> आपका दिन शुभ हो मीरा जी, और यात्रा मंगलमय हो।
""",
    ),
}
