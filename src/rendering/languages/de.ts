import type { Catalogue } from './texts.ts';

export const german = {
  words: {
    readMore: 'Weiterlesen',
    more: 'Weitere Meldungen',
    inBrief: 'Kurz gemeldet',
    coverage: 'Mehr dazu',
    background: 'Hintergrund',
    similar: 'Verwandt',
    unsubscribe: 'Abbestellen',
    preferences: 'Auswählen, was Sie bekommen',
    view: 'Im Browser ansehen',
    share: 'Weiterempfehlen',
    developing: 'Entwickelt sich',
  },
  sections: {
    lead: 'Thema des Tages',
    top: 'Weitere Meldungen',
    brief: 'Kurz gemeldet',
    note: 'Aus der Redaktion',
  },
  greeting: 'Guten Tag,',
  greetingByName: 'Guten Tag, {name},',
  why: 'Sie bekommen diese Mail, weil {email} {newsletter} abonniert hat.',
  coverage: {
    one: '{count} Medium berichtet',
    other: '{count} Medien berichten',
  },
  confirm: {
    subject: 'Bitte bestätigen Sie Ihr Abonnement: {list}',
    preheader: 'Ein Klick, und {list} kommt zu Ihnen. Wenn Sie nichts bestellt haben, tun Sie nichts.',
    title: 'Ein Klick zur Bestätigung',
    body: 'Jemand, hoffentlich Sie, möchte {list} an diese Adresse bekommen. Bitte bestätigen Sie das; dann kommt die nächste Ausgabe zu Ihnen.',
    button: 'Abonnement bestätigen',
    otherwise: 'Wenn die Schaltfläche nicht geht, öffnen Sie diese Adresse im Browser:',
    days: {
      one: 'Der Link gilt {count} Tag.',
      other: 'Der Link gilt {count} Tage.',
    },
    unasked:
      'Wenn Sie nichts bestellt haben, tun Sie nichts: Sie bekommen keinen Newsletter, und diese Adresse bleibt von der Liste fern.',
  },
  welcome: {
    subject: 'Willkommen bei {list}',
    preheader: 'Die nächste Ausgabe kommt zu Ihnen. Was Sie bekommen, können Sie jederzeit ändern.',
    title: 'Sie stehen auf der Liste',
    body: 'Danke für die Bestätigung. {list} kommt mit der nächsten Ausgabe an diese Adresse.',
    latest: 'Sie müssen nicht warten: Hier ist die letzte Ausgabe.',
    button: 'Letzte Ausgabe lesen',
    choose: 'Themen, wie oft und welche Listen: Auf dieser Seite wählen Sie, was Sie bekommen.',
    leave: 'Abbestellen können Sie jederzeit mit einem Klick:',
  },
  preferences: {
    subject: 'Ihr Link zu Ihren Einstellungen',
    preheader: 'Der Link ist nur für Sie.',
    title: 'Auswählen, was Sie bekommen',
    body: 'Sie haben um die Seite mit Ihren Listen, Themen und Zeiten gebeten. Sie liegt hinter dieser Schaltfläche.',
    button: 'Meine Einstellungen öffnen',
    unasked:
      'Wenn Sie nicht darum gebeten haben, tun Sie nichts: Es ändert sich nichts. Geben Sie den Link nicht weiter; wer ihn hat, kann Ihre Abonnements ändern.',
  },
  data: {
    subject: 'Ihr Link zu Ihren Daten',
    preheader: 'Der Link ist nur für Sie und gilt einen Tag.',
    title: 'Ihre Daten',
    body: 'Sie haben die Seite angefordert, auf der Sie eine Kopie von allem erhalten, was wir über Sie aufbewahren, oder es löschen lassen können. Sie liegt einen Tag lang hinter dieser Schaltfläche.',
    button: 'Meine Daten öffnen',
    unasked:
      'Wenn Sie das nicht angefordert haben, tun Sie nichts: Es ändert sich nichts. Geben Sie den Link nicht weiter, denn wer ihn hat, kann Ihre Daten lesen und löschen.',
  },
  goodbye: {
    subject: 'Sie haben {list} abbestellt',
    preheader: 'Es kommt nichts mehr. Falls das ein Versehen war, können Sie zurückkommen.',
    title: 'Sie stehen nicht mehr auf der Liste',
    body: '{list} kommt nicht mehr an diese Adresse. Eine Ausgabe, die schon unterwegs war, kann in der nächsten Stunde noch ankommen. Danke, dass Sie uns gelesen haben.',
    back: 'Falls das ein Versehen war, sind Sie wieder willkommen.',
    button: 'Wieder abonnieren',
    last: 'Das ist die letzte Mail dieser Liste an diese Adresse.',
  },
  stay: {
    subject: 'Möchten Sie {list} weiter bekommen?',
    preheader: 'Ein Klick, und es geht weiter. Wenn Sie nichts tun, hört es auf.',
    title: 'Möchten Sie {list} weiter bekommen?',
    body: 'Wir haben lange nicht gesehen, dass Sie in {list} etwas geöffnet oder angeklickt haben, und möchten Ihr Postfach nicht mit Ungelesenem füllen. Wenn Sie gern weiterlesen, sagen Sie es uns bitte.',
    button: 'Weiter zusenden',
    days: {
      one: 'Wenn wir innerhalb von {count} Tag nichts hören, nehmen wir diese Adresse von der Liste. Dafür müssen Sie nichts tun.',
      other:
        'Wenn wir innerhalb von {count} Tagen nichts hören, nehmen wir diese Adresse von der Liste. Dafür müssen Sie nichts tun.',
    },
    leave: 'Um gleich abzubestellen, öffnen Sie diese Adresse:',
    ask: 'Ein Druck auf die Schaltfläche, und {list} kommt weiter zu Ihnen.',
    kept: 'Danke. {list} kommt weiter zu Ihnen.',
  },
} satisfies Catalogue;
