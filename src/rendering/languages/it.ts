import type { Catalogue } from './texts.ts';

export const italian = {
  words: {
    readMore: 'Leggi la notizia',
    more: 'Altre notizie',
    inBrief: 'In breve',
    coverage: 'Altre fonti',
    background: 'Contesto',
    similar: 'Correlati',
    unsubscribe: 'Cancella l’iscrizione',
    preferences: 'Scegli che cosa ricevere',
    view: 'Apri nel browser',
    share: 'Passala a un amico',
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
  welcome: {
    subject: 'Ti diamo il benvenuto in {list}',
    preheader: 'Arriva con la prossima edizione. Puoi cambiare ciò che ricevi in ogni momento.',
    title: 'La tua iscrizione è attiva',
    body: 'Grazie per la conferma. {list} arriverà a questo indirizzo con la prossima edizione.',
    latest: 'Non serve aspettare: l’ultima edizione si legge qui.',
    button: 'Leggi l’ultima edizione',
    choose: 'Argomenti, frequenza e liste: scegli in questa pagina ciò che ricevi.',
    leave: 'Puoi cancellarti con un clic, quando vuoi:',
  },
  preferences: {
    subject: 'Il tuo link per scegliere ciò che ricevi',
    preheader: 'Il link è solo per te.',
    title: 'Scegli ciò che ricevi',
    body: 'Hai chiesto la pagina con le tue liste, gli argomenti e gli orari. È dietro questo pulsante.',
    button: 'Apri le mie preferenze',
    unasked:
      'Se non l’hai chiesto, non fare nulla: non cambia nulla. Non passare il link ad altri, perché chi lo ha può cambiare le tue iscrizioni.',
  },
  data: {
    subject: 'Il tuo link ai tuoi dati',
    preheader: 'Il link è solo per te e vale un giorno.',
    title: 'I tuoi dati',
    body: 'Hai chiesto la pagina in cui puoi avere una copia di tutto ciò che conserviamo su di te, o farlo cancellare. È dietro questo pulsante, per un giorno.',
    button: 'Apri i miei dati',
    unasked:
      'Se non l’hai chiesto, non fare nulla: non cambia nulla. Non passare il link ad altri, perché chi lo ha può leggere e cancellare i tuoi dati.',
  },
  goodbye: {
    subject: 'Hai lasciato {list}',
    preheader: 'Non arriverà più nulla. Se è stato uno sbaglio, puoi tornare.',
    title: 'Non sei più nella lista',
    body: '{list} non arriverà più a questo indirizzo. Un’edizione già in viaggio può ancora arrivare entro un’ora. Grazie di averci letto.',
    back: 'Se è stato uno sbaglio, puoi tornare quando vuoi.',
    button: 'Iscriviti di nuovo',
    last: 'Questo è l’ultimo messaggio di questa lista a questo indirizzo.',
  },
  stay: {
    subject: 'Vuoi ancora ricevere {list}?',
    preheader: 'Un clic e continua ad arrivare. Se non fai nulla, smette.',
    title: 'Vuoi ancora ricevere {list}?',
    body: 'Da molto tempo non ti vediamo aprire o seguire qualcosa in {list}, e preferiamo non riempire la tua casella di ciò che non leggi. Se ti piace, faccelo sapere.',
    button: 'Continua a inviarmela',
    days: {
      one: 'Se non abbiamo notizie entro {count} giorno, toglieremo questo indirizzo dalla lista. Non devi fare nulla.',
      many: 'Se non abbiamo notizie entro {count} di giorni, toglieremo questo indirizzo dalla lista. Non devi fare nulla.',
      other:
        'Se non abbiamo notizie entro {count} giorni, toglieremo questo indirizzo dalla lista. Non devi fare nulla.',
    },
    leave: 'Per cancellarti subito, apri questo indirizzo:',
    ask: 'Premi il pulsante e {list} continuerà ad arrivarti.',
    kept: 'Grazie. {list} continuerà ad arrivarti.',
  },
} satisfies Catalogue;
