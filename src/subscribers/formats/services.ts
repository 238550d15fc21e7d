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
      'unsub time': 'has left',
      'clean time': 'has left',
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
      'email disabled': 'has left',
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
      'subscribed to emails': 'wants mail',
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

const leftWords = new Set([
  ...[
    'unsubscribed',
    'unsubscribe',
    'cleaned',
    'blocklisted',
    'blacklisted',
    'blocked',
    'disabled',
    'bounced',
  ],
  ...[
    'complained',
    'spam',
    'inactive',
    'invalid',
    'deleted',
    'archived',
    'suppressed',
    'opted out',
    'optout',
  ],
]);
const waitingWords = new Set(['pending', 'unconfirmed', 'validating', 'needs confirmation', 'not confirmed']);

/** What a word in a column of states says of a person. Words that are not known say that they want mail. */
export function stateOf(word: string): 'confirmed' | 'pending' | 'left' {
  const plain = word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
  if (leftWords.has(plain) || plain === 'non subscribed' || plain === 'nonsubscribed') return 'left';
  return waitingWords.has(plain) ? 'pending' : 'confirmed';
}
