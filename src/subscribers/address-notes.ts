import { createRequire } from 'node:module';
import { run as suggestFor } from '@zootools/email-spell-checker';
import type { Address } from './address.ts';

/** What is odd about an address that is written correctly. None of it keeps anybody out. */
export interface AddressNote {
  kind: 'disposable' | 'role' | 'typo';
  /** In a sentence, such as `the address belongs to a role (info), not to a person`. */
  text: string;
  /** For a typo: the address that may be meant. */
  suggestion?: string;
}

// Mailboxes that belong to a function (RFC 2142 and what is common), whose readers change.
const roles = new Set([
  ...[
    'abuse',
    'accounting',
    'accounts',
    'admin',
    'administrator',
    'billing',
    'careers',
    'contact',
    'enquiries',
  ],
  ...[
    'feedback',
    'finance',
    'ftp',
    'hello',
    'help',
    'helpdesk',
    'hostmaster',
    'hr',
    'info',
    'inquiries',
    'it',
  ],
  ...[
    'jobs',
    'kontakt',
    'legal',
    'mail',
    'mailer-daemon',
    'marketing',
    'media',
    'news',
    'newsletter',
    'no-reply',
  ],
  ...['noc', 'noreply', 'office', 'orders', 'postmaster', 'press', 'privacy', 'root', 'sales', 'security'],
  ...['service', 'spam', 'support', 'team', 'unsubscribe', 'usenet', 'uucp', 'webmaster', 'www'],
]);

const known = new Map<string, AddressNote[]>();

/** What is odd about an address: a throw-away domain, a role's mailbox, a domain that looks misspelt. Usually nothing. */
export function notesOn(address: Pick<Address, 'email'>): readonly AddressNote[] {
  const at = address.email.lastIndexOf('@');
  const domain = address.email.slice(at + 1);
  let notes = known.get(domain);
  if (!notes) {
    if (known.size >= 5_000) known.clear();
    notes = notesOnDomain(domain);
    known.set(domain, notes);
  }
  const local = address.email.slice(0, at);
  const isRole = local.length <= 16 && roles.has(local.toLowerCase());
  if (!isRole && notes.length === 0) return notes;
  return [
    ...(isRole
      ? [{ kind: 'role' as const, text: `the address belongs to a role (${local}), not to a person` }]
      : []),
    ...notes.map((note) => (note.suggestion ? { ...note, suggestion: `${local}@${note.suggestion}` } : note)),
  ];
}

function notesOnDomain(domain: string): AddressNote[] {
  // Misspellings of big providers are registered by others, some of whom are on the list of throw-away domains.
  const meant = meantDomain(domain);
  if (meant) return [{ kind: 'typo', text: `did they mean ${meant}?`, suggestion: meant }];
  const blocked = disposableDomains();
  // A throw-away service may give each of its users a domain below its own.
  for (let part = domain; part.includes('.'); part = part.slice(part.indexOf('.') + 1))
    if (blocked.has(part))
      return [{ kind: 'disposable', text: `the address is a throw-away one (${domain})` }];
  return [];
}

/** The well-known domain that this one misspells by a letter or two, or undefined. */
function meantDomain(domain: string): string | undefined {
  const suggestion = suggestFor({ email: `someone@${domain}` })?.domain;
  if (!suggestion || suggestion === domain) return undefined;
  // The library goes by likeness of parts, and takes any short name for a misspelt big one.
  const [name = ''] = domain.split('.');
  const [meantName = ''] = suggestion.split('.');
  if (name !== meantName && (name.length < 4 || /\d/.test(name))) return undefined;
  return editsBetween(domain, suggestion) <= (domain.length > 8 ? 2 : 1) ? suggestion : undefined;
}

/** How many letters have to be set, taken, changed or swapped with their neighbour to make one text of another. */
export function editsBetween(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      row[j] = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j] ?? 0, (before[j - 2] ?? 0) + 1);
    }
    before = last;
    last = row;
  }
  return last[to.length] ?? 0;
}

let disposable: ReadonlySet<string> | undefined;

function disposableDomains(): ReadonlySet<string> {
  // A list of some thousands, which only imports and sign-ups need.
  disposable ??= (
    createRequire(import.meta.url)('disposable-email-domains-js') as {
      disposableEmailBlocklistSet(): Set<string>;
    }
  ).disposableEmailBlocklistSet();
  return disposable;
}
