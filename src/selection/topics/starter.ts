import type { TopicDefinition } from './taxonomy.ts';

const topic = (slug: string, name: string, categories: string, keywords: string): TopicDefinition => ({
  slug,
  name,
  categories: categories.split('; '),
  keywords: keywords.split('; '),
});

/**
 * The topics that a new database begins with: those of a general newspaper, with what sources call them and words that
 * stand for them in nine languages. Words that mean something else as often ("record", "party") are left out.
 */
export const starterTopics: TopicDefinition[] = [
  topic(
    'politics',
    'Politics',
    'Government; Elections; Politik; Politique; Política; Politica; Политика; سياسة; 政治; 时政',
    'parliament*; senate; senator*; prime minister*; coalition; election*; referendum; ballot*; lawmaker*; cabinet reshuffle; bundestag*; kanzler*; wahl; wahlen; wahlkampf*; minister*; élections; sénat; premier ministre; elecciones; senado; presidente del gobierno; eleições; elezioni; governo; выборы; парламент; правительство; انتخابات; برلمان; 选举; 议会; 总理; 国会',
  ),
  topic(
    'world',
    'World',
    'International; Foreign affairs; Ausland; Welt; Monde; Mundo; Internacional; Esteri; Mondo; В мире; Мир; العالم; 国际',
    'united nations; ceasefire*; peace talks; diplomat*; embassy; embassies; refugee*; sanctions; nato; foreign minister*; waffenruhe*; flüchtling*; botschafter*; cessez-le-feu; réfugiés; alto el fuego; refugiados; cessar-fogo; rifugiati; cessate il fuoco; перемирие; беженцы; санкции; لاجئين; وقف إطلاق النار; 联合国; 停火; 制裁; 难民',
  ),
  topic(
    'business',
    'Business',
    'Economy; Finance; Markets; Money; Wirtschaft; Finanzen; Économie; Economía; Economia; Finanza; Экономика; Бизнес; اقتصاد; أعمال; 财经; 经济',
    'shares; stock market*; stocks; merger*; takeover*; acquisition*; bankruptcy; earnings; profit*; shareholder*; inflation; interest rate*; central bank*; gdp; unemployment; tariff*; ipo; börse*; aktien*; zinsen; gewinnwarnung*; umsatz*; bourse; actionnaires; taux d’intérêt; bolsa; acciones; tipos de interés; ações; juros; azioni; borsa; tassi; акции; инфляция; банкротство; أسهم; تضخم; 股市; 股票; 通胀; 利率; 破产',
  ),
  topic(
    'technology',
    'Technology',
    'Tech; Computing; Digital; Netzwelt; Technik; Technologie; Tecnología; Tecnologia; Технологии; تكنولوجيا; 科技',
    'software; smartphone*; startup*; start-up*; artificial intelligence; machine learning; chipmaker*; semiconductor*; cyberattack*; cybersecurity; hacker*; data breach*; cloud computing; operating system*; app store; künstliche intelligenz; halbleiter*; cyberangriff*; intelligence artificielle; logiciel*; inteligencia artificial; ciberataque*; inteligência artificial; intelligenza artificiale; искусственный интеллект; смартфон*; الذكاء الاصطناعي; 人工智能; 芯片; 手机; 软件',
  ),
  topic(
    'science',
    'Science',
    'Space; Wissen; Wissenschaft; Sciences; Ciencia; Ciência; Scienza; Наука; علوم; 科学',
    'scientist*; researcher*; astronomer*; telescope*; fossil*; spacecraft; nasa; physicist*; biologist*; genome*; archaeolog*; forscher*; raumfahrt*; teleskop*; chercheurs; télescope; científicos; telescopio; cientistas; scienziati; учёные; ученые; телескоп; علماء; 科学家; 研究人员; 航天',
  ),
  topic(
    'health',
    'Health',
    'Medicine; Wellness; Gesundheit; Santé; Salud; Saúde; Salute; Здоровье; صحة; 健康',
    'hospital*; vaccin*; patients; outbreak*; epidemic*; pandemic*; disease*; cancer; surgeon*; nurses; public health; clinical trial*; krankenhaus*; krankenhäuser*; impf*; patienten; hôpital; hôpitaux; hospitales; vacuna*; hospitais; vacina*; ospedale; ospedali; vaccin*; больниц*; вакцин*; مستشفى; لقاح; 医院; 疫苗; 患者',
  ),
  topic(
    'climate',
    'Climate',
    'Environment; Nature; Umwelt; Klima; Environnement; Climat; Medio ambiente; Clima; Meio ambiente; Ambiente; Экология; Климат; بيئة; مناخ; 环境; 气候',
    'climate change; climate; global warming; carbon emission*; emissions; greenhouse gas*; drought*; heatwave*; heat wave*; wildfire*; biodiversity; sea level*; deforestation; klimawandel*; klimaschutz*; treibhausgas*; hitzewelle*; changement climatique; réchauffement; sécheresse; cambio climático; sequía; mudança climática; seca; cambiamento climatico; siccità; изменение климата; засуха; تغير المناخ; 气候变化; 碳排放; 干旱',
  ),
  topic(
    'energy',
    'Energy',
    'Oil and gas; Energie; Énergie; Energía; Energia; Энергетика; طاقة; 能源',
    'solar power; solar panel*; wind farm*; wind power; oil price*; crude oil; natural gas; nuclear power; power grid*; electricity; renewables; renewable energy; refinery; refineries; pipeline*; windkraft*; windpark*; solarstrom*; strompreis*; atomkraft*; stromnetz*; éolien*; nucléaire; électricité; eólica; energía solar; eletricidade; energia solare; электроэнерги*; нефть; كهرباء; نفط; 石油; 天然气; 核电; 太阳能',
  ),
  topic(
    'justice',
    'Justice',
    'Crime; Courts; Law; Justiz; Kriminalität; Panorama; Police-justice; Tribunales; Sucesos; Polícia; Justiça; Cronaca; Происшествия; حوادث; 法治',
    'court; courts; judge*; jury; prosecutor*; lawsuit*; verdict*; convicted; sentenced; supreme court; arrested; police investigation; trial date*; staatsanwalt*; gericht; gerichte; gerichtshof*; urteil*; angeklagt*; tribunal; procureur*; condamné*; juez; fiscalía; condenad*; juiz; promotor*; giudice; procura; condannat*; суд; прокур*; приговор*; محكمة; 法院; 检察院; 判决',
  ),
  topic(
    'sport',
    'Sport',
    'Sports; Football; Soccer; Fußball; Deportes; Fútbol; Esporte; Futebol; Calcio; Спорт; Футбол; رياضة; 体育',
    'championship*; world cup; olympic*; midfielder*; striker*; quarterback*; grand slam; semi-final*; semifinal*; playoff*; premier league; formula 1; tennis; football; basketball; bundesliga*; weltmeister*; fußball*; elfmeter*; ligue 1; coupe du monde; mondial; mundial; liga; goleador*; copa do mundo; serie a; coppa; чемпионат*; футбол*; матч; مباراة; كأس العالم; 世界杯; 冠军; 足球; 篮球',
  ),
  topic(
    'culture',
    'Culture',
    'Arts; Books; Music; Film; Movies; Theatre; Entertainment; Kultur; Feuilleton; Musik; Cinéma; Cultura; Espectáculos; Spettacoli; Культура; ثقافة; 文化; 娱乐',
    'museum*; novel; novelist*; film festival*; box office; album; orchestra*; theatre*; exhibition*; oscar*; opera; painter*; ausstellung*; roman; romane; theater*; orchester*; exposition*; romancier*; musée*; novela; exposición; museo*; romance; exposição; romanzo; mostra; выставк*; музей; роман; متحف; رواية; 博物馆; 电影; 小说; 展览',
  ),
  topic(
    'education',
    'Education',
    'Schools; Universities; Bildung; Schule; Éducation; Educación; Educação; Istruzione; Scuola; Образование; تعليم; 教育',
    'teacher*; pupils; classroom*; universities; university students; curriculum; tuition fee*; school board*; lehrer*; schüler*; hochschule*; enseignants; élèves; profesores; alumnos; universidades; professores; alunos; insegnanti; studenti; учител*; школьник*; معلمين; مدارس; 教师; 学生; 高考',
  ),
];
