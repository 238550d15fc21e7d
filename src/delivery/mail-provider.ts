import { Resolver } from 'node:dns/promises';

/** Domains of the large providers, which need no look into the DNS. */
const known: Record<string, string[]> = {
  google: ['gmail.com', 'googlemail.com'],
  microsoft: [
    'outlook.com',
    'hotmail.com',
    'live.com',
    'msn.com',
    'hotmail.co.uk',
    'hotmail.fr',
    'outlook.de',
  ],
  yahoo: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com', 'yahoo.co.uk', 'yahoo.fr', 'yahoo.de'],
  apple: ['icloud.com', 'me.com', 'mac.com'],
  'united-internet': ['gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch', 'web.de', 'mail.com', '1und1.de'],
  't-online': ['t-online.de', 'magenta.de'],
  orange: ['orange.fr', 'wanadoo.fr'],
  'mail.ru': ['mail.ru', 'bk.ru', 'inbox.ru', 'list.ru'],
  yandex: ['yandex.ru', 'yandex.com', 'ya.ru'],
  qq: ['qq.com', 'foxmail.com'],
  netease: ['163.com', '126.com', 'yeah.net'],
  proton: ['proton.me', 'protonmail.com', 'pm.me'],
};

const providerOfDomain = new Map(
  Object.entries(known).flatMap(([provider, domains]) => domains.map((domain) => [domain, provider])),
);

/** Ends of the names of mail servers, by whom they belong to. */
const servers: [end: string, provider: string][] = [
  ['google.com', 'google'],
  ['googlemail.com', 'google'],
  ['outlook.com', 'microsoft'],
  ['hotmail.com', 'microsoft'],
  ['yahoodns.net', 'yahoo'],
  ['icloud.com', 'apple'],
  ['apple.com', 'apple'],
  ['gmx.net', 'united-internet'],
  ['web.de', 'united-internet'],
  ['kundenserver.de', 'united-internet'],
  ['t-online.de', 't-online'],
  ['orange.fr', 'orange'],
  ['mail.ru', 'mail.ru'],
  ['yandex.ru', 'yandex'],
  ['yandex.net', 'yandex'],
  ['qq.com', 'qq'],
  ['protonmail.ch', 'proton'],
  ['pphosted.com', 'proofpoint'],
  ['ppe-hosted.com', 'proofpoint'],
  ['mimecast.com', 'mimecast'],
  ['messagelabs.com', 'symantec'],
  ['barracudanetworks.com', 'barracuda'],
];

/** Looks up the names of a domain's mail servers, the preferred first. */
export type MxLookup = (domain: string) => Promise<string[]>;

const answersFor = 6 * 3_600_000;
const failuresFor = 10 * 60_000;
const mostKept = 200_000;
const lookupsAtOnce = 10;

/**
 * Says which provider takes the mail of a domain: thousands of domains lie with a few, and share their patience. Never
 * waits: a domain that was not looked up yet counts for itself until the answer is there.
 */
export class MailProviders {
  readonly #lookup: MxLookup;
  readonly #known = new Map<string, { provider: string; until: number }>();
  readonly #queue: string[] = [];
  #running = 0;

  /** @param lookup the DNS of this machine, if not given */
  constructor(lookup: MxLookup = lookUpMx) {
    this.#lookup = lookup;
  }

  /**
   * @param address an email address, or a domain
   * @param lookUp false: a domain that is not well known counts for itself
   */
  groupOf(address: string, lookUp = true): string {
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    const large = providerOfDomain.get(domain);
    if (large) return large;
    if (!lookUp) return domain;
    const found = this.#known.get(domain);
    if (found && found.until > Date.now()) return found.provider;
    if (this.#known.size >= mostKept) this.#known.clear();
    // What was known stays so while it is looked up again.
    const provider = found?.provider ?? domain;
    this.#known.set(domain, { provider, until: Date.now() + failuresFor });
    this.#queue.push(domain);
    this.#next();
    return provider;
  }

  #next(): void {
    while (this.#running < lookupsAtOnce && this.#queue.length > 0) {
      const domain = this.#queue.shift() as string;
      this.#running++;
      this.#lookup(domain)
        .then((names) => {
          const provider = providerOfServer(names[0]) ?? domain;
          this.#known.set(domain, { provider, until: Date.now() + answersFor });
        })
        // It counts for itself, and is asked again later.
        .catch(() => {})
        .finally(() => {
          this.#running--;
          this.#next();
        });
    }
  }
}

function providerOfServer(name: string | undefined): string | undefined {
  if (!name) return undefined;
  const host = name.toLowerCase().replace(/\.$/, '');
  const server = servers.find(([end]) => host === end || host.endsWith(`.${end}`));
  if (server) return server[1];
  const labels = host.split('.');
  // mx1.provider.example and mx2.provider.example are one; so are those beneath .co.uk and the like.
  const isShort =
    labels.length > 2 && (labels.at(-2)?.length ?? 0) <= 3 && (labels.at(-1)?.length ?? 0) === 2;
  return labels.slice(isShort ? -3 : -2).join('.');
}

async function lookUpMx(domain: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const records = await resolver.resolveMx(domain);
  return records.toSorted((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
}
