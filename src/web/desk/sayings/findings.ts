import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Saying, Sayings } from './german.ts';

const ofSubjects: Saying[] = [
  ['is empty', 'ist leer'],
  ['has {n} characters', 'hat {n} Zeichen'],
  [
    'is {n} columns wide; most inboxes cut it at about {n2}, phones at half of that',
    'ist {n} Spalten breit; die meisten Postfächer schneiden ihn bei etwa {n2} ab, Telefone bei der Hälfte',
  ],
  [
    'is written in capitals, which spam filters count against it',
    'steht in Großbuchstaben, was Spamfilter ihm anlasten',
  ],
  [
    'has several exclamation marks in a row, as spam has',
    'hat mehrere Ausrufezeichen hintereinander, wie Spam sie hat',
  ],
  [
    'is the same as that of the edition before, so inboxes may fold both into one',
    'ist derselbe wie bei der Ausgabe davor; Postfächer falten beide vielleicht zu einer',
  ],
];

const require = createRequire(import.meta.url);
/** What axe-core's rules ask for, in its own German. */
const axeRules = (
  JSON.parse(readFileSync(require.resolve('axe-core/locales/de.json'), 'utf8')) as {
    rules: Record<string, { help: string }>;
  }
).rules;

/** What checks find, and how it is mended. What features of mail clients are called stays as it is. */
export const findingSayings: Sayings = {
  sentences: [
    ...ofSubjects.map(([english, german]): Saying => [`The subject ${english}`, `Der Betreff ${german}`]),
    ...ofSubjects.map(
      ([english, german]): Saying => [
        `The subject to be tried out, number {number}, ${english}`,
        `Der erprobte Betreff, Nummer {number}, ${german}`,
      ],
    ),
    ['So it is in 1 other places', 'So ist es noch an einer Stelle'],
    ['So it is in {n} other places', 'So ist es noch an {n} Stellen'],

    [
      'Write one, or change the newsletter’s subject pattern',
      'Schreiben Sie einen, oder ändern Sie das Betreffmuster des Newsletters',
    ],
    ['{n} are the most', '{n} sind das Höchste'],
    ['Put what matters first, or shorten it', 'Stellen Sie das Wichtige nach vorn, oder kürzen Sie ihn'],
    ['Write it as a sentence', 'Schreiben Sie ihn wie einen Satz'],
    ['One is enough, none is better', 'Eines genügt, keines ist besser'],
    [
      'Change it, or put a story’s title into the newsletter’s subject pattern',
      'Ändern Sie ihn, oder nehmen Sie den Titel einer Meldung ins Betreffmuster des Newsletters auf',
    ],
    [
      'There is no preheader: inboxes show the first words of the frame behind the subject',
      'Die Vorschauzeile fehlt: Postfächer zeigen hinter dem Betreff die ersten Wörter des Rahmens',
    ],
    [
      'Write one, or change the newsletter’s preheader pattern',
      'Schreiben Sie eine, oder ändern Sie das Muster der Vorschauzeile des Newsletters',
    ],
    [
      'The preheader has {n} characters; no inbox shows more than {n2}',
      'Die Vorschauzeile hat {n} Zeichen; kein Postfach zeigt mehr als {n2}',
    ],
    ['Shorten it', 'Kürzen Sie das'],

    [
      'Mail comes from {from}, its unsubscribe link leads to {host}: filters trust one domain more than two',
      'Die Mail kommt von {from}, ihr Abmeldelink führt zu {host}: Filter trauen einer Domain mehr als zweien',
    ],
    [
      'Set PUBLIC_URL to a host of the domain that the newsletter sends from',
      'Setzen Sie PUBLIC_URL auf einen Host der Domain, von der der Newsletter kommt',
    ],
    [
      'The footer has no postal address, which the law of many countries asks of senders',
      'In der Fußzeile fehlt eine Postanschrift, die das Recht vieler Länder von Absendern verlangt',
    ],
    [
      'Set "footer" in the newsletter’s brand to the sender’s name and address',
      'Setzen Sie „footer“ im Aussehen des Newsletters auf Namen und Anschrift des Absenders',
    ],
    [
      'A link leads to a server without a name ({host}), as those of spam do',
      'Ein Link führt zu einem Server ohne Namen ({host}), wie Links in Spam',
    ],
    ['Link to a domain name', 'Verlinken Sie einen Domainnamen'],
    [
      'A link goes through {host}, a shortener that spam uses too: filters count it against the mail',
      'Ein Link geht über {host}, einen Kürzer, den auch Spam benutzt: Filter lasten das der Mail an',
    ],
    ['Link to the page itself', 'Verlinken Sie die Seite selbst'],
    [
      'The stories link to {n} different servers; some filters grow wary above {n2}',
      'Die Meldungen verweisen auf {n} verschiedene Server; manche Filter werden ab {n2} misstrauisch',
    ],
    [
      'Let clicks be counted, so that links lead through one address, or show fewer stories',
      'Lassen Sie Klicks zählen, damit Links über eine Adresse führen, oder zeigen Sie weniger Meldungen',
    ],
    [
      'There are {n} images, and {n2} characters of text: mail that is mostly images is taken for spam',
      'Es sind {n} Bilder und {n2} Zeichen Text: Mail, die vor allem aus Bildern besteht, gilt als Spam',
    ],
    [
      'There is 1 image, and {n2} characters of text: mail that is mostly images is taken for spam',
      'Es ist ein Bild und {n2} Zeichen Text: Mail, die vor allem aus Bildern besteht, gilt als Spam',
    ],
    [
      'There are 1 image, and {n2} characters of text: mail that is mostly images is taken for spam',
      'Es ist ein Bild und {n2} Zeichen Text: Mail, die vor allem aus Bildern besteht, gilt als Spam',
    ],
    [
      'Write more, or show fewer images; from {n} characters on, filters are content',
      'Schreiben Sie mehr, oder zeigen Sie weniger Bilder; ab {n} Zeichen sind Filter zufrieden',
    ],
    [
      'Only {n} % of the HTML is text to be read; spam filters mind below 2 %',
      'Nur {n} % des HTML sind lesbarer Text; Spamfilter stören sich an weniger als 2 %',
    ],
    [
      'Choose a theme with less markup, or show longer texts',
      'Wählen Sie ein Thema mit weniger Markup, oder zeigen Sie längere Texte',
    ],

    [
      'The largest digest has {n} KB of HTML; Gmail cuts messages at {n2} KB, and with them the unsubscribe link',
      'Die größte Fassung hat {n} KB HTML; Gmail schneidet Nachrichten bei {n2} KB ab, und damit den Abmeldelink',
    ],
    [
      'The largest digest has {n} KB of HTML; Gmail cuts messages at {n2} KB',
      'Die größte Fassung hat {n} KB HTML; Gmail schneidet Nachrichten bei {n2} KB ab',
    ],
    [
      'Give the slots fewer stories, or fewer related links to each, or choose a lighter theme',
      'Geben Sie den Plätzen weniger Meldungen oder den Meldungen weniger Verwandtes, oder wählen Sie ein leichteres Thema',
    ],
    ['The HTML has no unsubscribe link', 'Dem HTML fehlt der Abmeldelink'],
    [
      'Print reader.unsubscribeUrl as a link in the footer of the theme',
      'Geben Sie reader.unsubscribeUrl in der Fußzeile des Themas als Link aus',
    ],
    ['The plain text has no unsubscribe link', 'Dem reinen Text fehlt der Abmeldelink'],
    [
      'Print reader.unsubscribeUrl at the end of the plain text',
      'Geben Sie reader.unsubscribeUrl am Ende des reinen Textes aus',
    ],
    [
      'The headers List-Unsubscribe and List-Unsubscribe-Post do not let a mailbox unsubscribe',
      'Die Kopfzeilen List-Unsubscribe und List-Unsubscribe-Post lassen ein Postfach nicht abmelden',
    ],
    [
      'Build the edition again, so that its messages are put together anew',
      'Bauen Sie die Ausgabe neu, damit ihre Nachrichten neu zusammengesetzt werden',
    ],
    [
      'There is no plain text, or it is empty: some readers see nothing, and spam filters mind',
      'Der reine Text fehlt oder ist leer: Manche Leser sehen nichts, und Spamfilter stören sich daran',
    ],
    [
      'Build the edition again; if it stays so, choose another theme',
      'Bauen Sie die Ausgabe neu; bleibt es so, wählen Sie ein anderes Thema',
    ],
    [
      'The plain text has {n} words, the HTML {n2}: spam filters compare them',
      'Der reine Text hat {n} Wörter, das HTML {n2}: Spamfilter vergleichen sie',
    ],
    ['Let both say the same', 'Lassen Sie beide dasselbe sagen'],
    [
      'Template syntax stayed in the output: {syntax}',
      'Vorlagensyntax blieb in der Ausgabe stehen: {syntax}',
    ],
    [
      'Mend the template: the theme’s language did not take this as its own',
      'Bessern Sie die Vorlage aus: Die Sprache des Themas hat das nicht als ihr Eigenes erkannt',
    ],

    ['The page is not there (status {n})', 'Die Seite ist nicht da (Status {n})'],
    ['The page is gone (status {n})', 'Die Seite ist fort (Status {n})'],
    ['There is no server named {host}', 'Einen Server namens {host} gibt es nicht'],
    [
      'Take the story out, or choose another report of it',
      'Nehmen Sie die Meldung heraus, oder wählen Sie einen anderen Bericht davon',
    ],
    ['The server answers with status {n}', 'Der Server antwortet mit Status {n}'],
    [
      'Open the link by hand: the server may only mind being asked by a program',
      'Öffnen Sie den Link von Hand: Vielleicht stört sich der Server nur an einem Programm',
    ],
    ['1 link was not followed: {n2} s were over', 'Einem Link wurde nicht gefolgt: {n2} s waren um'],
    ['{n} links were not followed: {n2} s were over', '{n} Links wurde nicht gefolgt: {n2} s waren um'],
    [
      'Check the edition again later, or leave it: nothing is known against them',
      'Prüfen Sie die Ausgabe später noch einmal, oder lassen Sie es: Nichts spricht gegen sie',
    ],

    [
      'An image has no alt text: where images are off, and for people who do not see them, there is nothing',
      'Einem Bild fehlt der Alternativtext: Wo Bilder aus sind, und für Menschen, die sie nicht sehen, ist da nichts',
    ],
    [
      'Give it alt with what it shows, or alt="" if it is an ornament',
      'Geben Sie ihm alt mit dem, was es zeigt, oder alt="", wenn es Schmuck ist',
    ],
    [
      'An image has no width attribute: Outlook for Windows shows it in its full size',
      'Einem Bild fehlt das Attribut width: Outlook für Windows zeigt es in voller Größe',
    ],
    ['Give it width in pixels as an attribute', 'Geben Sie ihm width in Pixeln als Attribut'],
    ['An image has no address', 'Ein Bild hat keine Adresse'],
    [
      'An image’s address leads nowhere from a mail',
      'Die Adresse eines Bildes führt aus einer Mail nirgendwohin',
    ],
    [
      'Give it the whole address, beginning with https://, or leave it out where there is none',
      'Geben Sie die ganze Adresse an, mit https:// am Anfang, oder lassen Sie es weg, wo es keine gibt',
    ],
    ['A link leads nowhere: it has no href', 'Ein Link führt nirgendwohin: Ihm fehlt href'],
    ['A link leads nowhere', 'Ein Link führt nirgendwohin'],
    [
      'Give it an address, or write plain text',
      'Geben Sie ihm eine Adresse, oder schreiben Sie schlichten Text',
    ],
    [
      'A link has no text: people who hear the mail do not learn where it leads',
      'Ein Link hat keinen Text: Wer die Mail hört, erfährt nicht, wohin er führt',
    ],
    [
      'Write words into it, or give the image in it an alt text',
      'Schreiben Sie Wörter hinein, oder geben Sie dem Bild darin einen Alternativtext',
    ],
    ['A link’s address is not a whole one', 'Die Adresse eines Links ist keine ganze'],
    [
      'Give it an address that begins with https://, or leave it out',
      'Geben Sie ihm eine Adresse, die mit https:// anfängt, oder lassen Sie ihn weg',
    ],
    [
      'In dark mode, in a window of {n3} px, text in {colour} on {paper} has a contrast of {n}',
      'Im dunklen Modus, in einem Fenster von {n3} px, hat Text in {colour} auf {paper} einen Kontrast von {n}',
    ],
    [
      'In dark mode, text in {colour} on {paper} has a contrast of {n}',
      'Im dunklen Modus hat Text in {colour} auf {paper} einen Kontrast von {n}',
    ],
    [
      'In light mode, in a window of {n3} px, text in {colour} on {paper} has a contrast of {n}',
      'Im hellen Modus, in einem Fenster von {n3} px, hat Text in {colour} auf {paper} einen Kontrast von {n}',
    ],
    [
      'In light mode, text in {colour} on {paper} has a contrast of {n}',
      'Im hellen Modus hat Text in {colour} auf {paper} einen Kontrast von {n}',
    ],
    [
      '{n} is the least that people can be asked to read ({n2} texts)',
      '{n} ist das Mindeste, was man zu lesen verlangen kann ({n2} Texte)',
    ],
    [
      '{n} is the least that people can be asked to read',
      '{n} ist das Mindeste, was man zu lesen verlangen kann',
    ],
    [
      'Make the text darker or what is behind it lighter, or the other way round',
      'Machen Sie den Text dunkler oder was dahinter liegt heller, oder umgekehrt',
    ],
    [
      'Give the text or what is behind it another colour under "@media (prefers-color-scheme: dark)"',
      'Geben Sie dem Text oder dem, was dahinter liegt, unter „@media (prefers-color-scheme: dark)“ eine andere Farbe',
    ],

    ['{help} ({rule}, {n} elements)', '{rule} ({n} Elemente)'],
    ['{help} ({rule})', '{rule}'],
    ['Mend the template as {url} says', 'Bessern Sie die Vorlage so aus, wie {url} sagt'],
    ['{feature} is not supported by {clients}', '{clients}: {feature} geht dort nicht'],
    ['{feature} is only partly supported by {clients}', '{clients}: {feature} geht dort nur zum Teil'],
    [
      'Do it in another way, or so that it may be missing',
      'Machen Sie es auf andere Art, oder so, dass es fehlen darf',
    ],
    ['what is known of it: {url}', 'was davon bekannt ist: {url}'],

    [
      'The page says that it is in "{tag}", and is in "{tag2}"',
      'Die Seite nennt als Sprache „{tag}“, und ist in „{tag2}“',
    ],
    [
      'The page does not say in which language it is, so screen readers may read it in the wrong voice',
      'Die Seite sagt nicht, in welcher Sprache sie ist; Vorleseprogramme lesen sie vielleicht mit der falschen Stimme',
    ],
    [
      'Print lang={language} on <html>, and again on the element around everything',
      'Geben Sie lang={language} an <html> aus, und noch einmal am Element um alles',
    ],
    [
      'The page is written from {side} to {side2}, and its dir says {dir}',
      'Die Seite ist von {side} nach {side2} geschrieben, und ihr dir sagt {dir}',
    ],
    [
      'Print dir={direction} on <html>, and again on the element around everything',
      'Geben Sie dir={direction} an <html> aus, und noch einmal am Element um alles',
    ],
    [
      'The page does not say in which direction it is written',
      'Die Seite sagt nicht, in welche Richtung sie geschrieben ist',
    ],
    [
      'The page has no title, which screen readers and browsers show',
      'Der Seite fehlt ein Titel, den Vorleseprogramme und Browser zeigen',
    ],
    ['Print <title> with the subject in the head', 'Geben Sie im Kopf <title> mit dem Betreff aus'],
    [
      'A table that is there for the layout is read out as a table',
      'Eine Tabelle, die nur der Anordnung dient, wird als Tabelle vorgelesen',
    ],
    ['Give it role="presentation"', 'Geben Sie ihr role="presentation"'],
    [
      'There is no <h1>, by which people who do not see the mail find its beginning',
      'Ein <h1> fehlt, an dem den Anfang findet, wer die Mail nicht sieht',
    ],
    ['There are {n} <h1>; a mail has one', 'Es gibt {n} <h1>; eine Mail hat eines'],
    [
      'Make the newsletter’s name the only <h1>, sections <h2>, and stories <h3>',
      'Machen Sie den Namen des Newsletters zum einzigen <h1>, Abschnitte zu <h2> und Meldungen zu <h3>',
    ],
    [
      'An <h{n}> follows an <h{n2}>: a level is left out',
      'Ein <h{n}> folgt auf ein <h{n2}>: Eine Stufe ist ausgelassen',
    ],
    [
      'Let headings go one level deeper at a time; how large they are is for styles to say',
      'Lassen Sie Überschriften immer nur eine Stufe tiefer gehen; wie groß sie sind, sagt die Gestaltung',
    ],
    ['A heading is empty', 'Eine Überschrift ist leer'],
    ['Leave it out where it has no words', 'Lassen Sie sie weg, wo sie keine Wörter hat'],
    [
      'Hidden text has the colour of the paper ({colour} on {paper}): spam filters count that against a mail',
      'Verborgener Text hat die Farbe des Papiers ({colour} auf {paper}): Spamfilter lasten das einer Mail an',
    ],
    [
      'Hide the preheader by display:none alone, without a colour of its own (MJML’s <mj-preview> gives it one)',
      'Verbergen Sie die Vorschauzeile allein durch display:none, ohne eigene Farbe (<mj-preview> von MJML gibt ihr eine)',
    ],
    [
      'Accessibility, client support, links and contrast could not be checked: {problem}',
      'Barrierefreiheit, Mailprogramme, Links und Kontrast ließen sich nicht prüfen: {problem}',
    ],
    [
      'Check the edition again; if it stays so, look whether the theme’s HTML is very large',
      'Prüfen Sie die Ausgabe noch einmal; bleibt es so, sehen Sie nach, ob das HTML der Gestaltung sehr groß ist',
    ],
  ],
  values: {
    rule: (rule) => axeRules[rule]?.help.replace(/\.$/, ''),
    clients: (names) =>
      names.replace(/ and 1 other$/, ' und einem weiteren').replace(/ and (\d+) others$/, ' und $1 weiteren'),
    side: (side) => (side === 'right' ? 'rechts' : 'links'),
    dir: (dir) => (dir === 'nothing' ? 'nichts' : dir.replace(/^"(.+)"$/s, '„$1“')),
  },
};
