import type { DomainLook } from './dns/domain.ts';
import { day, type Finding } from './finding.ts';
import type { WayLook } from './mail.ts';

/** What the rules are held against. */
export interface RuleFacts {
  domains: DomainLook[];
  ways: WayLook[];
  publicUrl: string;
  /** The From lines of the newsletters. */
  senders: { name: string; address: string }[];
  /** Whether bounces and complaints come back to us. */
  heard: boolean;
  complaints: Complaints;
}

/** What mailboxes took lately, and how often readers called it spam. */
export interface Complaints {
  days: number;
  accepted: number;
  complaints: number;
}

const gmail = 'Gmail, Email sender guidelines';
const yahoo = 'Yahoo, Sender Best Practices';
const microsoft = 'Microsoft, Outlook’s requirements for high-volume senders';
const gmailAndYahoo = `${gmail}; ${yahoo}`;
const everybody = `${gmailAndYahoo}; ${microsoft}`;

const mostComplaints = 0.003;
const goodComplaints = 0.001;
/** Of fewer messages a share says nothing. */
const fewest = 1_000;
/** Nobody but their owner writes from these. */
const mailboxDomains =
  /^(?:gmail|googlemail|yahoo|ymail|aol|outlook|hotmail|live|msn|icloud|me|gmx|web|proton|protonmail)\.(?:com|net|de|fr|me|co\.uk)$/;

type Verdict = { is: 'met' | 'not met' | 'cannot be known'; why: string; mend?: string };

/**
 * The rules of Gmail, Yahoo and Microsoft for those who send to many, one by one: met, not met, or not to be known from here.
 * They bind from 5,000 messages a day; keeping them does good before.
 */
export function bulkSenderRules(facts: RuleFacts): Finding[] {
  const { domains } = facts;
  const each = (rule: string, from: string, verdict: Verdict) => finding(rule, from, verdict);
  return [
    each(
      'SPF for the envelope’s domain',
      everybody,
      ofDomains(domains, 'spf', {
        good: 'each lets the hosts that we send from write in its name',
        bad: 'what SPF says does not hold for',
        mend: 'See the lines on SPF: broadsheet doctor --only dns',
      }),
    ),
    each(
      'DKIM signatures',
      everybody,
      ofDomains(domains, 'dkim', {
        good: 'what is signed agrees with the DNS',
        bad: 'signatures do not hold for',
        mend: 'See the lines on DKIM: broadsheet doctor --only dns',
      }),
    ),
    each(
      'a DMARC policy, p=none at least',
      everybody,
      ofDomains(domains, 'dmarc', {
        good: 'there is one',
        bad: 'there is none for',
        mend: 'Put a TXT record at _dmarc.DOMAIN: see broadsheet doctor --only dns',
      }),
    ),
    each(
      'the From domain agrees with SPF or DKIM',
      everybody,
      ofDomains(domains, 'alignment', {
        good: 'it does',
        bad: 'it does not for',
        mend: 'Sign with a key of the From domain, or use a RETURN_PATH within it.',
      }),
    ),
    each(
      'sending addresses have names that lead back to them (PTR)',
      gmailAndYahoo,
      ofDomains(domains, 'ptr', {
        good: 'they do',
        bad: 'they do not, for mail of',
        mend: 'See the lines on PTR: broadsheet doctor --only dns',
      }),
    ),
    each('mail is handed over by TLS', gmail, tls(facts.ways)),
    each(
      'the rate of complaints stays below 0.3 %, better 0.1 %',
      `${yahoo}; ${microsoft}`,
      complaints(facts),
    ),
    each('the same at Gmail', gmail, {
      is: 'cannot be known',
      why: 'Gmail tells senders of no single complaint',
      mend: 'Look at the spam rate in Google Postmaster Tools.',
    }),
    each('one-click unsubscribing (RFC 8058)', gmailAndYahoo, oneClick(facts)),
    each('a link to leave in each message that is easy to see', everybody, {
      is: 'met',
      why: 'each theme has one, and each edition is checked for it',
    }),
    each('who leaves gets nothing after two days', gmailAndYahoo, {
      is: 'met',
      why: 'consent is looked at again when a message is begun',
    }),
    each('From is one address of a domain of one’s own', gmailAndYahoo, fromForm(facts)),
    each(
      'the From address takes answers',
      microsoft,
      ofDomains(domains, 'mx', {
        good: 'a mail server takes mail for each',
        bad: 'no mail server takes mail for',
        mend: 'Put an MX record there, or write from a domain that has one.',
      }),
    ),
    each('messages are well formed (RFC 5322, one From, Date and Message-ID)', gmailAndYahoo, {
      is: 'met',
      why: 'they are composed so, and each edition is checked before it goes out',
    }),
    each(
      'addresses that bounce are mailed no more',
      everybody,
      facts.heard
        ? { is: 'met', why: 'bounces come back and are acted on' }
        : {
            is: 'not met',
            why: 'nothing tells of mail that came back later; only what a server refuses at once is acted on',
            mend: 'Set BOUNCE_SMTP_PORT or BOUNCE_MAILBOX with RETURN_PATH, or a webhook of your provider: docs/feedback.md',
          },
    ),
  ];
}

function finding(rule: string, from: string, { is, why, mend }: Verdict): Finding {
  const status = is === 'met' ? 'ok' : is === 'not met' ? 'failed' : 'unknown';
  return { check: 'bulk senders', status, says: `${rule}: ${is}, ${why}`, ...(mend && { mend }), from };
}

function ofDomains(
  domains: DomainLook[],
  what: 'spf' | 'dkim' | 'dmarc' | 'alignment' | 'ptr' | 'mx',
  { good, bad, mend }: { good: string; bad: string; mend: string },
): Verdict {
  const names = (verdict: boolean | undefined) =>
    domains
      .filter((look) => look[what] === verdict)
      .map(({ domain, envelope }) => (what === 'spf' ? envelope : domain))
      .filter((name, at, all) => all.indexOf(name) === at)
      .join(', ');
  const broken = names(false);
  if (broken) return { is: 'not met', why: `${bad} ${broken}`, mend };
  const open = names(undefined);
  if (open) return { is: 'cannot be known', why: `not all of it can be seen from here for ${open}`, mend };
  return domains.length > 0
    ? { is: 'met', why: good }
    : {
        is: 'cannot be known',
        why: 'there is no newsletter yet',
        mend: 'Make one: broadsheet newsletters create',
      };
}

function tls(ways: WayLook[]): Verdict {
  const clear = ways.filter(({ secure, way }) => secure === false && !isHere(way.host));
  if (clear.length > 0)
    return {
      is: 'not met',
      why: `${clear.map(({ way }) => way.name).join(', ')} takes it in the clear`,
      mend: 'Use smtps://, or a server that offers STARTTLS.',
    };
  const open = ways.filter(({ secure }) => secure === undefined || secure === false);
  if (open.length > 0 || ways.length === 0)
    return {
      is: 'cannot be known',
      why:
        ways.length === 0
          ? 'no mail leaves this machine'
          : `${open.map(({ way }) => way.name).join(', ')} hands it on, and how cannot be seen from here`,
      mend: 'Let the mail server use TLS where it is offered (Postfix: smtp_tls_security_level = may).',
    };
  return { is: 'met', why: 'each route is encrypted; what a provider does behind it is theirs' };
}

const isHere = (host: string | undefined) =>
  host !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);

function complaints({ complaints: { days, accepted, complaints: count }, heard }: RuleFacts): Verdict {
  const share = count / Math.max(1, accepted);
  const why = `${count} of ${accepted.toLocaleString('en')} messages of the last ${days} days, ${(100 * share).toFixed(2)} %`;
  const mend =
    'Mail those who click (broadsheet subscribers sunset), less often, and only who asked for it: docs/feedback.md tells where complaints come from.';
  if (share > mostComplaints && count > 2) return { is: 'not met', why, mend };
  if (!heard)
    return {
      is: 'cannot be known',
      why: 'complaints do not come back to us',
      mend: 'Set up a webhook of your provider, or join Yahoo’s feedback loop and Microsoft’s JMRP with an address that BOUNCE_MAILBOX reads.',
    };
  if (accepted < fewest)
    return { is: 'cannot be known', why: `${why}: too few to tell`, mend: 'Look again when more was sent.' };
  return {
    is: 'met',
    why,
    ...(share > goodComplaints && { mend }),
  };
}

function oneClick({ publicUrl }: RuleFacts): Verdict {
  return publicUrl.startsWith('https:')
    ? { is: 'met', why: 'each message has List-Unsubscribe and List-Unsubscribe-Post' }
    : {
        is: 'not met',
        why: `the headers are there, but ${publicUrl} is not https, and mailboxes ask for that`,
        mend: 'Set PUBLIC_URL to an https:// address.',
      };
}

function fromForm({ senders }: RuleFacts): Verdict {
  const mend = 'Change it: broadsheet newsletters edit NEWSLETTER --from';
  const alien = senders.filter(({ address }) =>
    mailboxDomains.test(address.split('@').at(-1)?.toLowerCase() ?? ''),
  );
  if (alien.length > 0)
    return {
      is: 'not met',
      why: `${alien.map(({ address }) => address).join(', ')} is of a provider of mailboxes, whose policy lets only them write from it`,
      mend,
    };
  const odd = senders.filter(
    ({ name, address }) => /@/.test(name) && !name.toLowerCase().includes(address.toLowerCase()),
  );
  if (odd.length > 0)
    return {
      is: 'not met',
      why: `the name "${odd[0]?.name}" looks like another address than ${odd[0]?.address}`,
      mend,
    };
  return senders.length > 0
    ? { is: 'met', why: senders.map(({ address }) => address).join(', ') }
    : { is: 'cannot be known', why: 'there is no newsletter yet', mend };
}

/** Since when complaints are counted. */
export const complaintDays = 30;

/** Where nothing was sent yet. */
export const noComplaints: Complaints = { days: complaintDays, accepted: 0, complaints: 0 };

/** @returns the instant before which editions do not count */
export const complaintsSince = (now: Date): Date => new Date(now.getTime() - complaintDays * day);
