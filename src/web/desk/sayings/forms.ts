import type { Saying } from './german.ts';

/** Why a newsletter's settings are refused. */
export const newsletterErrors: Saying[] = [
  ['The {what} pattern "{pattern}" is broken: {words}', 'Das Muster „{pattern}“ ist fehlerhaft: {words}'],
  ['A working one is "{pattern}"', 'Ein gültiges ist „{pattern}“'],
  ['"{cron}" is no schedule: {cronWhy}', '„{cron}“ ist kein Zeitplan: {cronWhy}'],
  [
    'Five fields: minute, hour, day of the month, month, day of the week',
    'Fünf Felder: Minute, Stunde, Tag im Monat, Monat, Wochentag',
  ],
  ['"{cron}" is 07:00 from Monday to Friday', '„{cron}“ ist 7 Uhr von Montag bis Freitag'],
  ['"{zone}" is no time zone', '„{zone}“ ist keine Zeitzone'],
  [
    'Use an IANA name, such as Europe/Berlin or America/New_York',
    'Nehmen Sie einen IANA-Namen, etwa Europe/Berlin oder America/New_York',
  ],
  ['There is a newsletter "{slug}" already', 'Einen Newsletter „{slug}“ gibt es schon'],
  ['"{slug}" is no slug', '„{slug}“ ist kein Kurzname'],
  [
    'Use lower-case letters, digits and hyphens, such as morning-news',
    'Nehmen Sie Kleinbuchstaben, Ziffern und Bindestriche, etwa morgen-post',
  ],
  ['"{time}" is no time of the day', '„{time}“ ist keine Uhrzeit'],
  ['Write it as in 07:00 or 18:30', 'Schreiben Sie sie wie 07:00 oder 18:30'],
  [
    'What is put off is tried again for a minute at least, and for a week at most',
    'Aufgeschobenes wird mindestens eine Minute und höchstens eine Woche lang erneut versucht',
  ],
  [
    '"{address}" is no address to send from',
    'Von „{address}“ kann nicht gesendet werden: Das ist keine Adresse',
  ],
  ['Give one such as news@example.com', 'Geben Sie eine an wie news@example.com'],
  [
    'Subjects cannot be tried out when each reader has the edition at their own time',
    'Betreffzeilen lassen sich nicht erproben, wenn jeder Leser die Ausgabe zu seiner eigenen Zeit bekommt',
  ],
  [
    'Subjects cannot be compared, as the newsletter counts nothing',
    'Betreffzeilen lassen sich nicht vergleichen, weil der Newsletter nichts zählt',
  ],
  [
    'Subjects cannot be compared, as the newsletter does not know who clicked',
    'Betreffzeilen lassen sich nicht vergleichen, weil der Newsletter nicht weiß, wer klickte',
  ],
  [
    'Subjects cannot be compared by openings, as the newsletter does not count them',
    'Betreffzeilen lassen sich nicht nach Öffnungen vergleichen, weil der Newsletter sie nicht zählt',
  ],
  ['There is no newsletter "{slug}"', 'Einen Newsletter „{slug}“ gibt es nicht'],
  ['"{slug}" has sent no edition yet', '„{slug}“ hat noch keine Ausgabe gesendet'],
  [
    '"{slug}" has sent no edition yet, so there is nothing to replay',
    '„{slug}“ hat noch keine Ausgabe gesendet, es gibt also nichts durchzuspielen',
  ],
];

/** Why a source is refused, or could not be fetched. */
export const sourceErrors: Saying[] = [
  ['There is a source named "{name}" already', 'Eine Quelle namens „{name}“ gibt es schon'],
  [
    'That address is a source already, named "{name}"',
    'Diese Adresse ist schon eine Quelle, sie heißt „{name}“',
  ],
  ['{url} is a source already, named "{name}"', '{url} ist schon eine Quelle, sie heißt „{name}“'],
  ['A weight is a number from 0 to 1000, not {n}', 'Ein Gewicht ist eine Zahl von 0 bis 1000, nicht {n}'],
  [
    'A source is fetched once a minute at most: give an interval of at least 60 seconds',
    'Eine Quelle wird höchstens einmal in der Minute abgerufen: Geben Sie mindestens 60 Sekunden an',
  ],
  ['A source’s name cannot be empty', 'Der Name einer Quelle darf nicht leer sein'],
  ['A source’s name cannot be a number', 'Der Name einer Quelle darf keine Zahl sein'],
  ['"{tag}" is no language tag such as en or pt-BR', '„{tag}“ ist kein Sprachkürzel wie de oder pt-BR'],
  ['There is no source "{name}"', 'Eine Quelle „{name}“ gibt es nicht'],
  [
    '{name} is the only source of {list}; without it, every source would be',
    '{name} ist die einzige Quelle von {list}; ohne sie wäre es jede Quelle',
  ],
  ['"{text}" is no web address', '„{text}“ ist keine Webadresse'],
  ['"{text}" is no web address that can be fetched', '„{text}“ ist keine Webadresse, die sich abrufen lässt'],
  ['A web address begins with https:// or http://', 'Eine Webadresse fängt mit https:// oder http:// an'],
  [
    '{url} cannot be fetched: only http and https addresses can',
    '{url} lässt sich nicht abrufen: Das geht nur mit Adressen, die mit http oder https anfangen',
  ],
  [
    '{url} is on a private network ({address}), so it is not fetched',
    '{url} liegt in einem privaten Netz ({address}) und wird darum nicht abgerufen',
  ],
  [
    'If you trust it, set ALLOW_PRIVATE_NETWORK=true',
    'Trauen Sie ihr, so setzen Sie ALLOW_PRIVATE_NETWORK=true',
  ],
  ['{url} could not be fetched: {fetchWhy}', '{url} ließ sich nicht abrufen: {fetchWhy}'],
  ['{url} did not answer in full within {n} seconds', '{url} hat in {n} Sekunden nicht ganz geantwortet'],
  ['{url} wants a login (status {n})', '{url} verlangt eine Anmeldung (Status {n})'],
  ['{url} refuses us (status {n})', '{url} weist uns ab (Status {n})'],
  ['{url} is not there (status {n})', '{url} ist nicht da (Status {n})'],
  ['{url} is gone for good (status {n})', '{url} ist endgültig fort (Status {n})'],
  ['{url} says that we ask too often (status {n})', '{url} sagt, dass wir zu oft fragen (Status {n})'],
  ['{url} has trouble on its side (status {n})', '{url} hat selbst eine Störung (Status {n})'],
  ['{url} answered with status {n}', '{url} antwortete mit Status {n}'],
  [
    '{url} redirects (status {n}) without saying where to',
    '{url} leitet weiter (Status {n}), ohne zu sagen, wohin',
  ],
  [
    '{url} redirects (status {n}), which is not followed',
    '{url} leitet weiter (Status {n}), dem wird nicht gefolgt',
  ],
  ['{url} redirects more than {n} times', '{url} leitet mehr als {n} Mal weiter'],
  [
    '{url} redirects to something that is no web address: {text}',
    '{url} leitet zu etwas weiter, das keine Webadresse ist: {text}',
  ],
  [
    '{url} is larger than {n} MB, so the rest was not read',
    '{url} ist größer als {n} MB, der Rest wurde nicht gelesen',
  ],
  [
    '{url} is compressed in a way that we cannot read ("{text}")',
    '{url} ist so komprimiert, dass wir es nicht lesen können („{text}“)',
  ],
  ['{url} is compressed more than twice', '{url} ist mehr als zweimal komprimiert'],
  [
    '{url} is broken: its compressed data ends early or is wrong',
    '{url} ist beschädigt: Die komprimierten Daten hören zu früh auf oder sind falsch',
  ],
  [
    'The feed at {url} is broken: it cannot be read as XML or JSON ({text}). It begins with: {beginning}',
    'Der Feed unter {url} ist beschädigt: Er ist weder als XML noch als JSON zu lesen ({text}). Er beginnt mit: {beginning}',
  ],
  [
    'What {url} sent is no feed. It begins with: {beginning}',
    'Was {url} schickte, ist kein Feed. Es beginnt mit: {beginning}',
  ],
  [
    'What {url} sent looks like an HTML page, not a feed. It begins with: {beginning}',
    'Was {url} schickte, sieht nach einer HTML-Seite aus, nicht nach einem Feed. Es beginnt mit: {beginning}',
  ],
  ['What {url} sent is no sitemap', 'Was {url} schickte, ist keine Sitemap'],
  [
    'The sitemap at {url} lists {n} pages, but no news',
    'Die Sitemap unter {url} nennt {n} Seiten, aber keine Nachrichten',
  ],
  [
    'Use the site’s news sitemap (its robots.txt may name it), or its feed',
    'Nehmen Sie die News-Sitemap der Website (vielleicht nennt ihre robots.txt sie) oder ihren Feed',
  ],
  ['There is no article on the page {url}', 'Auf der Seite {url} ist kein Artikel'],
  [
    'Give the address of one article. For a front page or a section, add its feed as a source',
    'Geben Sie die Adresse eines Artikels an. Von einer Startseite oder Rubrik fügen Sie den Feed als Quelle hinzu',
  ],
  ['{url} is a {kind}, not a {kind2}', '{url} ist ein anderes als erwartet: {kind}, nicht {kind2}'],
];

const fetchReasons: Record<string, string> = {
  'there is no server of that name': 'Einen Server dieses Namens gibt es nicht',
  'the name could not be looked up just now': 'Der Name ließ sich gerade nicht nachschlagen',
  'nothing answers there': 'Dort antwortet nichts',
  'the connection was cut': 'Die Verbindung brach ab',
  'no connection came about in time': 'Eine Verbindung kam nicht rechtzeitig zustande',
  'its headers are too long': 'Die Kopfzeilen sind zu lang',
  'its certificate has expired': 'Das Zertifikat ist abgelaufen',
  'its certificate is signed by itself': 'Das Zertifikat ist von sich selbst unterschrieben',
  'its certificate is for another name': 'Das Zertifikat gilt für einen anderen Namen',
};

/** How values of these are worded. What a library says of a mistake stays as it is: it quotes what was typed. */
export const formValues = {
  cronWhy: (why: string): string =>
    why.replace(/^it has (\d+) fields, and needs 5$/, 'Er hat $1 Felder und braucht 5'),
  fetchWhy: (why: string): string => fetchReasons[why] ?? why,
  kind: (kind: string): string | undefined => ({ feed: 'Feed', sitemap: 'Sitemap', page: 'Seite' })[kind],
};
