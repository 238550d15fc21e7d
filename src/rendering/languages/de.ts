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
} satisfies Catalogue;
