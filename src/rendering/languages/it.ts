import type { Catalogue } from './texts.ts';

export const italian = {
  words: {
    readMore: 'Leggi la notizia',
    more: 'Altre notizie',
    inBrief: 'In breve',
    coverage: 'Altre fonti',
    background: 'Contesto',
    similar: 'Correlati',
    unsubscribe: 'Annulla l’iscrizione',
    preferences: 'Scegli che cosa ricevere',
    view: 'Apri nel browser',
    developing: 'In evoluzione',
  },
  sections: {
    lead: 'In primo piano',
    top: 'Altre notizie',
    brief: 'In breve',
    note: 'Dalla redazione',
  },
  greeting: 'Buongiorno,',
  greetingByName: 'Buongiorno {name},',
  why: 'Ricevi questo messaggio perché {email} è iscritto a {newsletter}.',
  coverage: {
    one: 'Ne parla {count} testata',
    many: 'Ne parlano {count} di testate',
    other: 'Ne parlano {count} testate',
  },
  confirm: {
    subject: 'Conferma la tua iscrizione a {list}',
    preheader: 'Un clic e {list} è tua. Se non l’hai chiesta, non fare nulla.',
    title: 'Un clic per confermare',
    body: 'Qualcuno, speriamo tu, ha chiesto di ricevere {list} a questo indirizzo. Conferma, e arriverà con la prossima edizione.',
    button: 'Conferma l’iscrizione',
    otherwise: 'Se il pulsante non funziona, apri questo indirizzo nel browser:',
    days: {
      one: 'Il link vale {count} giorno.',
      many: 'Il link vale {count} di giorni.',
      other: 'Il link vale {count} giorni.',
    },
    unasked:
      'Se non l’hai chiesta, non fare nulla: non riceverai alcuna newsletter e questo indirizzo resterà fuori dalla lista.',
  },
} satisfies Catalogue;
