import { yesOrNo } from '../import/fields.ts';

/** Services whose exports are recognised by their columns. */
export const services = ['mailchimp', 'substack', 'ghost', 'listmonk', 'beehiiv'] as const;
export type ServiceName = (typeof services)[number];

interface Service {
  name: ServiceName;
  /** Plain names of columns that together no other service's export has. One of each group is there. */
  marks: string[][];
  /** What columns hold, by plain name, where it differs from what the name says by itself. */
  columns: Record<string, string>;
}

// The columns are those of each service's own export, as its documentation or its source has them.
const known: Service[] = [
  {
    name: 'mailchimp',
    marks: [
      ['leid', 'euid'],
      ['member rating', 'last changed'],
    ],
    columns: {
      'optin time': 'evidence',
      'optin ip': 'evidence',
      'confirm time': 'evidence',
      'confirm ip': 'evidence',
      // An abbreviation or an offset, such as -5: no zone that knows summer time.
      gmtoff: 'nothing',
      dstoff: 'nothing',
      leid: 'nothing',
      euid: 'nothing',
      'member rating': 'nothing',
      'last changed': 'nothing',
      latitude: 'nothing',
      longitude: 'nothing',
      cc: 'field.country',
      region: 'field.region',
      'phone number': 'field.phone',
      birthday: 'field.birthday',
      address: 'field.address',
      notes: 'field.note',
    },
  },
  {
    name: 'substack',
    marks: [
      ['active subscription', 'subscription type', 'type'],
      ['email disabled', 'emails received 6mo', 'subscription source free', 'first payment at'],
    ],
    columns: {
      'created at': 'evidence',
      'start date': 'evidence',
      'subscription source free': 'evidence',
      plan: 'field.plan',
      'active subscription': 'field.paying:boolean',
      type: 'field.plan',
      'subscription type': 'field.plan',
      expiry: 'nothing',
      'first payment at': 'nothing',
    },
  },
  {
    name: 'ghost',
    marks: [['subscribed to emails'], ['complimentary plan', 'stripe customer id', 'tiers', 'labels']],
    columns: {
      'deleted at': 'has left',
      'created at': 'evidence',
      labels: 'tags',
      note: 'field.note',
      tiers: 'field.tiers',
      products: 'field.tiers',
      'complimentary plan': 'field.complimentary:boolean',
      id: 'nothing',
      'stripe customer id': 'nothing',
      'gift id': 'nothing',
    },
  },
  {
    name: 'listmonk',
    marks: [['uuid'], ['attributes'], ['status']],
    columns: {
      attributes: 'fields',
      status: 'state',
      'created at': 'evidence',
      'updated at': 'nothing',
      uuid: 'nothing',
    },
  },
  {
    name: 'beehiiv',
    marks: [
      ['status'],
      ['utm source', 'utm medium', 'utm channel', 'acquisition source'],
      ['referral code', 'subscription tier', 'subscription premium tier names', 'tier', 'referring site'],
    ],
    columns: {
      status: 'state',
      created: 'evidence',
      'created at': 'evidence',
      'subscribed at': 'evidence',
      'utm source': 'evidence',
      'utm medium': 'evidence',
      'utm campaign': 'evidence',
      'utm channel': 'evidence',
      'acquisition source': 'evidence',
      'referring site': 'evidence',
      tier: 'field.plan',
      'subscription tier': 'field.plan',
      id: 'nothing',
      'subscriber id': 'nothing',
      'referral code': 'nothing',
      'stripe customer id': 'nothing',
    },
  },
];

/** Whose export a file is, by the plain names of its columns; undefined if it looks like none that is known. */
export function detectService(headers: string[]): ServiceName | undefined {
  const there = new Set(headers);
  return known.find(({ marks }) => marks.every((group) => group.some((name) => there.has(name))))?.name;
}

/** What a service's columns hold, by plain name. */
export const columnsOf = (service: ServiceName | undefined): Record<string, string> =>
  known.find(({ name }) => name === service)?.columns ?? {};

/** Words for states, as services and people write them, in lower case and without accents. */
const stateWords = {
  confirmed: `
    confirmed, subscribed, subscriber, active, activated, enabled, opted in, opt in, optin, verified, valid, registered, ok, free,
    paid, premium, comped,
    angemeldet, abonniert, bestatigt, aktiv, inscrit, abonne, confirme, actif, suscrito, confirmado, activo,
    iscritto, confermato, attivo, inscrito, subscrito, ativo`,
  pending: `
    pending, unconfirmed, not confirmed, validating, needs confirmation, waiting, unverified,
    ausstehend, unbestatigt, wartend, en attente, non confirme, pendiente, sin confirmar, in attesa, non confermato,
    pendente, nao confirmado`,
  left: `
    unsubscribed, unsubscribe, not subscribed, non subscribed, nonsubscribed, unsub, cleaned, blocklisted, blacklisted, blocked,
    disabled, deactivated, bounced, bounce, complained, complaint, spam, inactive, invalid, deleted, removed, archived, suppressed,
    opted out, opt out, optout, transactional, left, none,
    abgemeldet, abbestellt, ausgetragen, gesperrt, geloscht, inaktiv, desinscrit, desabonne, inactif, supprime, bloque,
    baja, dado de baja, cancelado, inactivo, disiscritto, cancellato, inattivo, inativo, descadastrado`,
} as const;
const states = new Map(
  (Object.keys(stateWords) as (keyof typeof stateWords)[]).flatMap((state) =>
    stateWords[state].split(',').map((word) => [word.trim(), state] as const),
  ),
);

/** What a word in a column of states says of a person; undefined if it is not known. */
export function stateOf(word: string): 'confirmed' | 'pending' | 'left' | undefined {
  const plain = word
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
  const known = states.get(plain);
  if (known) return known;
  const said = yesOrNo(plain);
  return said === undefined ? undefined : said ? 'confirmed' : 'left';
}
