import type { Catalogue } from './texts.ts';

export const french = {
  words: {
    readMore: 'Lire l’article',
    more: 'Autres articles',
    inBrief: 'En bref',
    coverage: 'Ailleurs sur ce sujet',
    background: 'Contexte',
    similar: 'À lire aussi',
    unsubscribe: 'Se désabonner',
    preferences: 'Choisir ce que vous recevez',
    view: 'Voir dans le navigateur',
    developing: 'En cours',
  },
  sections: {
    lead: 'À la une',
    top: 'Autres articles',
    brief: 'En bref',
    note: 'Le mot de la rédaction',
  },
  greeting: 'Bonjour,',
  greetingByName: 'Bonjour {name},',
  why: 'Vous recevez ce message parce que {email} est abonné à {newsletter}.',
  coverage: {
    one: 'Traité par {count} média',
    many: 'Traité par {count} de médias',
    other: 'Traité par {count} médias',
  },
  confirm: {
    subject: 'Merci de confirmer votre abonnement à {list}',
    preheader: 'Un clic, et {list} est à vous. Si vous n’avez rien demandé, ne faites rien.',
    title: 'Un clic pour confirmer',
    body: 'Quelqu’un, vous sans doute, a demandé à recevoir {list} à cette adresse. Confirmez-le, et vous recevrez la prochaine édition.',
    button: 'Confirmer mon abonnement',
    otherwise: 'Si le bouton ne fonctionne pas, ouvrez cette adresse dans votre navigateur :',
    days: {
      one: 'Le lien est valable {count} jour.',
      many: 'Le lien est valable {count} de jours.',
      other: 'Le lien est valable {count} jours.',
    },
    unasked:
      'Si vous n’avez rien demandé, ne faites rien : vous ne recevrez aucune lettre, et cette adresse ne sera pas inscrite.',
  },
} satisfies Catalogue;
