"""Sentences as people write them, with what in them could show who somebody is: `[what|words]`.

Written for measuring the finder; the ones without a mark are the hard ones, which look like something and are nothing.
Some marks are known to be missed. They stay: the figures must be those of real sentences.
"""

MARKED = """
I rang [name|Dr Hallam] and nobody picked up.
It was [name|Dr. Priya Nair] who listened.
Then [name|Nurse Okafor] sat with me until it was light.
[name|PC Williams] took his helmet off at the door.
Our councillor, [name|Cllr Byrne], came to see the ward.
[name|Mrs Patel] from next door held my hand.
[name|Mr O'Brien] said we should ring 111.
[name|Sgt Doyle] knew my brother from before.
[name|Professor Lin] signed the form.
[name|Inspector Shaw] asked if I had eaten.
My nephew [name|Idris] counted them from the window.
My daughter [name|Sian] rang from school.
A man called [name|Tomos] came up the stairs.
My name is [name|Aisha Begum] and I am tired.
[name|Uncle Ravi] drove all night.
Her name was [name|Jo] and she stayed.
We asked for [name|Miss Lee] but she had gone home.
[name|Sister Agnes] ran that ward.
[name|Judge Price] was kind to us.
His friend [name|Callum] had the keys.
[name|Nyrs Bethan] oedd yno drwy'r nos.
Ffoniais [name|Dr Gwilym Rees] ddwywaith.
Daeth [name|PC Llŷr] i'r drws.
Siaradais â [name|Cyng Eleri Huws] wedyn.
Roedd dyn o'r enw [name|Gethin] yno.
Zadzwoniła [name|pani Kowalska] z pracy.
Rozmawiałem z [name|dr Nowakiem] przez telefon.
[name|Pan Zieliński] otworzył drzwi.
Przyszła [name|siostra Halina] z oddziału.
Nazywam się [name|Marek Wójcik] i jestem zmęczony.
ذهبت إلى الدكتور [name|خالد] في الليل.
قالت الممرضة [name|سعاد] إنها ستبقى.
السيد [name|حسن] فتح الباب.
اسمي [name|ليلى] وأنا متعبة.
اتصلت على د. [name|سامي] مرتين.
Larch was where [name|Hallam] worked.
It was [name|Kasia] who found me.
The crisis team sent [name|Bronwen].
My number is [phone|07700 900461] if you want to ask.
Ring [phone|01632 960 123] after six.
She gave me [phone|+44 7700 900 123] on a card.
I kept ringing [phone|(020) 7946 0018] all night.
The desk was on [phone|029 2018 0042].
Text [phone|07700900222] they said.
Zadzwoń [phone|+48 601 234 567] wieczorem.
My sister abroad is on [phone|0048 22 123 45 67].
هاتفي [phone|07700900461] في أي وقت.
It said [phone|0808 157 0192] on the poster.
Write to me at [email|ann.jones@example.org] please.
My e-mail is [email|k_99@mail.example.co.uk].
Send it to [email|carer+ward@trust.example].
Pisz na [email|marek.w@poczta.example] proszę.
E-bostiwch [email|sian@ysgol.example] os gwelwch yn dda.
My NHS number is [nhs_number|943 476 5919].
They had [nhs_number|9434765919] on my wrist.
The form said [nhs_number|943-476-5870] at the top.
NHS no. [nhs_number|401 023 2137] was somebody else's.
We live at [postcode|CF10 3AT] now.
The car was left near [postcode|SW1A 1AA].
They sent it to [postcode|ll57 2dg] by mistake.
Mieszkam blisko [postcode|M1 1AE].
The ambulance asked for my postcode: [postcode|EH1 1YZ].
It was [postcode|B33 8TH] on the letter.
It happened on [date|14 March 2019].
On [date|the 3rd of June] they came.
It was [date|March 14th, 2019] in the evening.
He was born on [date|14/03/1987].
DOB: [date|14.3.87] it said.
My date of birth is [date|01 02 1990].
She died on [date|2021-11-05].
They let me out [date|5 May 2020], too early.
Digwyddodd ar [date|12 Mawrth 2020].
Cefais fy ngeni ar [date|3 Ionawr 1975].
Było to [date|14 marca 2019] wieczorem.
Urodziłam się [date|3 maja 1980] roku.
حدث ذلك في [date|14 مارس 2019] مساء.
وصلت يوم [date|3 نيسان 2020] متأخرا.
The first time was [date|9 Sept].
It was [date|the second week of April] and raining.
I saw them on [date|Christmas Eve 2018].
I am [age|43] and have never asked before.
My son is nine, he was [age|9] when it began.
She is [age|seventeen] and should be at school.
I'm [age|52].
He is [age|19 years old] and on his own.
A [age|43-year-old] man, they wrote.
Aged [age|67], she still drove.
I turned [age|forty] that week.
At the age of [age|12] he stopped talking.
My mum, who is [age|81], made tea.
A girl, [age|14 yrs old], was on the same corridor.
Rwy'n [age|43] oed ac yn byw ar fy mhen fy hun.
Mae hi'n [age|17] mlwydd oed.
Mam [age|43] lata i dwoje dzieci.
To był [age|43-letni] mężczyzna.
W wieku [age|16] lat przestał mówić.
عمري [age|43] سنة وأعيش وحدي.
كان عمره [age|17] عاما.
He had just had his [age|eighteenth] birthday.
I rang from the landing at [address|14 Quay Street].
They went to [address|3 Mill Lane] first.
We were moved to [address|22b Old Station Road].
Roeddwn i yn [address|5 Heol y Bont].
Mieszkam na [address|ul. Długa 12/4].
أسكن في [address|شارع النيل 15].
They parked at [address|the corner of Quay Street].
He had been under [service|Larch Ward] until spring.
They took me to [service|Eastmere General Hospital].
I waited at [service|Hill Surgery] for three hours.
Es i i [service|Ysbyty Gwynedd] yn y bore.
Zabrali mnie do [service|Szpital Miejski].
She works at [service|Rosewood House].
Then to [service|Ward Seven] again.
نقلوني إلى [service|مستشفى الأمل] ليلا.
It is all on [web|www.annsblog.example/crisis] now.
Look at [web|https://social.example/@annj] if you like.
My page is [web|annjones.co.uk].
I am [web|@ann_j_writes] there.
Zobacz [web|marekpisze.pl].
The doctor said I should sleep.
Nurse practitioners came and went.
Dr said no, then yes.
He is a doctor and she is a nurse.
Sister, I said, please come.
I bought it at PC World.
Miss You was playing on the radio.
My son The Terrible, we called him.
We rang 999 and then 111 and then 116 123.
It took 45 minutes and then 20 more.
The room was number 1234567890.
There were 2000 people and 300 chairs.
I took 50 mg at 10.30 and 25 mg at 4.
The bill was 1,234,567 pounds.
Case 943 476 5918 is not a number of anybody.
It was the 24/7 line, not the day one.
I give it 7/10, no more.
He was on B12 5mg a day.
I may 12 times have said so.
In March they closed it.
In May 2019 it was still open.
It was some time in spring.
They march 12 abreast.
I am 5 minutes away, she said.
I am 20 miles from anywhere.
I'm 100% sure.
I am one of those people.
I was 2 of 5 in the queue.
He was 6 stone by then.
She is two streets away.
I waited 43 years for this.
It was 12 weeks before they rang.
I was 3rd in the queue.
We met @ 3pm by the gate.
He stopped.Then he went on.
She said no.I said please.
It was me/us against them.
The Ward was cold.
The hospital was far and the surgery shut.
This School of thought is old.
14 people on the street watched.
4 roads meet there.
Every street has one.
Czekałam 5 lat na termin.
Mam 2 dzieci i psa.
Mam 20 minut na rozmowę.
Pani w okienku nie wiedziała.
Doktor powiedział, że nie.
Arhosais am 5 awr yn y coridor.
Dywedodd y doctor na.
Roedd y nyrs yn garedig.
قال الدكتور إن علي الانتظار.
الممرضة كانت لطيفة.
الدكتور قال لا.
انتظرت خمس ساعات في الممر.
السيدة التي جلست بجانبي بكت.
Nobody asked me anything.
"""
