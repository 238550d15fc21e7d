import { frequencies } from '../personal-values.ts';

/** What kind of thing a field holds, which says what can be asked of it. */
export type Kind = 'text' | 'choice' | 'code' | 'names' | 'reference' | 'time' | 'event' | 'flag' | 'custom';

/** A field that filters can test. */
export interface Field {
  name: string;
  /** Other ways of writing it. */
  aliases?: readonly string[];
  kind: Kind;
  /** Whether it belongs to the person, or to each of their subscriptions. */
  of: 'person' | 'subscription';
  /** All that it can be compared with. */
  values?: readonly string[];
  /** A line for people. */
  about: string;
  example: string;
}

const states = ['pending', 'confirmed', 'unsubscribed'] as const;
const reasons = ['bounce', 'complaint', 'unsubscribe', 'erasure', 'manual'] as const;

/** Every field of the language but custom ones, which are written `field.NAME`. */
export const fields: readonly Field[] = [
  person('email', 'text', 'the address, in any case', 'email ends with ".example.com"'),
  person('domain', 'text', 'what stands behind the @', 'domain = example.com'),
  person('name', 'text', 'the name', 'name is empty'),
  person('language', 'code', 'a language; de fits de-AT too', 'language in (de, fr)'),
  person('time zone', 'text', 'an IANA time zone', 'time zone starts with Europe/', ['timezone']),
  person(
    'country',
    'code',
    'a code or English name: the custom field "country", or else the country of the time zone',
    'country = DE',
  ),
  person('created', 'time', 'when we first knew the address', 'created before 1y'),
  person('tag', 'names', 'an admin’s labels', 'tag in (vip, press)', ['tags']),
  {
    ...person(
      'suppressed',
      'flag',
      'whether all mail to them is stopped; by its reason',
      'suppressed = bounce',
    ),
    values: reasons,
  },
  person('opened', 'event', 'editions that they opened, or clicked in', 'not opened within 90d'),
  person('clicked', 'event', 'editions in which they clicked', 'clicked >= 3 within 90d'),
  person('received', 'event', 'editions that their server accepted', 'received >= 10'),
  person('segment', 'reference', 'whether another segment has them', 'segment = engaged', ['segments']),
  subscription('list', 'reference', 'the list', 'list = weekly', ['lists']),
  {
    ...subscription('state', 'choice', 'pending, confirmed or unsubscribed', 'state = confirmed'),
    values: states,
  },
  {
    ...subscription('frequency', 'choice', 'how often they want mail', 'frequency = weekly'),
    values: frequencies,
  },
  subscription('topic', 'names', 'topics that they chose', 'topic in (climate, energy)', ['topics']),
  subscription('muted topic', 'names', 'topics that they muted', 'muted topic = sport', [
    'muted topics',
    'muted',
  ]),
  subscription('subscribed', 'time', 'when they asked for the list', 'subscribed within 7d'),
  subscription('confirmed', 'time', 'when they confirmed', 'confirmed after 2026-01-31'),
  subscription('unsubscribed', 'time', 'when they left', 'unsubscribed within 30d'),
  subscription('source', 'text', 'how it came about: form, import, admin, api …', 'source = import', ['via']),
];

function person(
  name: string,
  kind: Kind,
  about: string,
  example: string,
  aliases: readonly string[] = [],
): Field {
  return { name, kind, of: 'person', about, example, aliases };
}

function subscription(...values: Parameters<typeof person>): Field {
  return { ...person(...values), of: 'subscription' };
}

const customField: Field = {
  name: 'field',
  kind: 'custom',
  of: 'person',
  about: 'one of your own fields',
  example: 'field.company = "ACME"',
};

const byName = new Map(
  fields.flatMap((field) => [field.name, ...(field.aliases ?? [])].map((name) => [name, field] as const)),
);

/** A field by its name or another way of writing it, blanks or hyphens between its words; undefined if there is none. */
export function fieldNamed(written: string): Field | undefined {
  const name = written.toLowerCase().replace(/[\s_-]+/g, ' ');
  return name === 'field' ? customField : byName.get(name);
}

/** Every way of writing a field, for suggestions. */
export const fieldNames: readonly string[] = [...byName.keys()];

/** What can be asked of each kind of field, as an error lists it. */
export const questions: Record<Kind, readonly string[]> = {
  text: ['=', '!=', 'in (…)', 'contains', 'starts with', 'ends with', 'is empty'],
  choice: ['=', '!=', 'in (…)'],
  code: ['=', '!=', 'in (…)', 'is empty'],
  names: ['=', '!=', 'in (…)', 'contains', 'starts with', 'ends with', 'is empty'],
  reference: ['=', '!=', 'in (…)'],
  time: ['within', 'before', 'after', 'since', 'is empty'],
  event: ['nothing more', 'a count such as >= 3', 'within', 'before', 'after', 'since'],
  flag: ['nothing more', '=', '!=', 'in (…)'],
  custom: [
    ...['=', '!=', '<', '<=', '>', '>=', 'in (…)', 'contains', 'starts with', 'ends with'],
    ...['within', 'before', 'after', 'since', 'is empty'],
  ],
};
