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
    share: 'Transmettre à un ami',
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
    otherwise: 'Si le bouton ne fonctionne pas, ouvrez cette adresse dans votre navigateur :',
    days: {
      one: 'Le lien est valable {count} jour.',
      many: 'Le lien est valable {count} de jours.',
      other: 'Le lien est valable {count} jours.',
    },
    unasked:
      'Si vous n’avez rien demandé, ne faites rien : vous ne recevrez aucune newsletter, et cette adresse ne sera pas inscrite.',
  },
  welcome: {
    subject: 'Bienvenue dans {list}',
    preheader: 'La prochaine édition vous parviendra. Vous pouvez changer vos choix à tout moment.',
    title: 'Vous êtes sur la liste',
    body: 'Merci de votre confirmation. {list} arrivera à cette adresse avec la prochaine édition.',
    latest: 'Inutile d’attendre : la dernière édition est à lire ici.',
    button: 'Lire la dernière édition',
    choose: 'Sujets, fréquence, listes : choisissez sur cette page ce que vous recevez.',
    leave: 'Vous pouvez vous désabonner d’un clic, quand vous voulez :',
  },
  preferences: {
    subject: 'Votre lien pour choisir ce que vous recevez',
    preheader: 'Ce lien n’est que pour vous.',
    title: 'Choisir ce que vous recevez',
    body: 'Vous avez demandé la page de vos listes, sujets et horaires. Elle se trouve derrière ce bouton.',
    button: 'Ouvrir mes préférences',
    unasked:
      'Si vous n’avez rien demandé, ne faites rien : rien ne change. Ne transmettez pas ce lien, car qui le possède peut modifier vos abonnements.',
  },
  data: {
    subject: 'Votre lien vers vos données',
    preheader: 'Ce lien n’est que pour vous et vaut un jour.',
    title: 'Vos données',
    body: 'Vous avez demandé la page où vous pouvez obtenir une copie de tout ce que nous conservons sur vous, ou le faire effacer. Elle est derrière ce bouton, pendant un jour.',
    button: 'Ouvrir mes données',
    unasked:
      'Si vous n’avez rien demandé, ne faites rien : rien ne change. Ne transmettez pas ce lien, car il permet de lire vos données et de les effacer.',
  },
  goodbye: {
    subject: 'Vous avez quitté {list}',
    preheader: 'Plus rien ne viendra. Si c’était une erreur, vous pouvez revenir.',
    title: 'Vous n’êtes plus sur la liste',
    body: '{list} ne viendra plus à cette adresse. Une édition déjà en route peut encore arriver dans l’heure. Merci de nous avoir lus.',
    back: 'Si c’était une erreur, vous pouvez revenir quand vous voulez.',
    button: 'Se réabonner',
    last: 'Ceci est le dernier message de cette liste à cette adresse.',
  },
  stay: {
    subject: 'Souhaitez-vous encore recevoir {list} ?',
    preheader: 'Un clic, et l’envoi continue. Sans réponse, il s’arrête.',
    title: 'Souhaitez-vous encore recevoir {list} ?',
    body: 'Depuis longtemps, nous ne vous avons rien vu ouvrir ni suivre dans {list}, et nous ne voulons pas remplir votre boîte de ce que vous ne lisez pas. Si vous y tenez, dites-le-nous.',
    button: 'Continuer à recevoir',
    days: {
      one: 'Sans nouvelles de vous sous {count} jour, nous retirerons cette adresse de la liste. Vous n’avez rien à faire pour cela.',
      many: 'Sans nouvelles de vous sous {count} de jours, nous retirerons cette adresse de la liste. Vous n’avez rien à faire pour cela.',
      other:
        'Sans nouvelles de vous sous {count} jours, nous retirerons cette adresse de la liste. Vous n’avez rien à faire pour cela.',
    },
    leave: 'Pour vous désabonner tout de suite, ouvrez cette adresse :',
    ask: 'Un clic sur le bouton, et {list} continue de vous parvenir.',
    kept: 'Merci. {list} continue de vous parvenir.',
  },
} satisfies Catalogue;
