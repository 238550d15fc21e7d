import { promises as dns } from 'node:dns';

/** The part of Node's resolver that is needed; tests bring their own. */
export interface MailResolver {
  resolveMx(domain: string): Promise<{ exchange: string; priority: number }[]>;
  resolve4(domain: string): Promise<string[]>;
  resolve6(domain: string): Promise<string[]>;
}

/** Whether a domain takes mail: `unknown` if nobody could say, which is held against nobody. */
export type MailDomainAnswer = 'yes' | 'no' | 'unknown';

const atOnce = 32;
const mostKept = 100_000;

/**
 * Asks the DNS whether domains take mail (RFC 5321 section 5.1, RFC 7505), each once, several at a time.
 */
export class MailDomains {
  readonly #resolver: MailResolver;
  readonly #known = new Map<string, MailDomainAnswer>();

  constructor(resolver: MailResolver = new dns.Resolver({ timeout: 3_000, tries: 2 })) {
    this.#resolver = resolver;
  }

  /** What is known of each of the domains after asking for those that are new. */
  async ask(domains: Iterable<string>): Promise<ReadonlyMap<string, MailDomainAnswer>> {
    const answers = new Map<string, MailDomainAnswer>();
    const unasked: string[] = [];
    for (const domain of new Set(domains)) {
      const known = this.#known.get(domain);
      if (known) answers.set(domain, known);
      else unasked.push(domain);
    }
    if (this.#known.size + unasked.length > mostKept) this.#known.clear();
    const worker = async () => {
      for (let domain = unasked.pop(); domain !== undefined; domain = unasked.pop()) {
        const answer = await this.#look(domain);
        answers.set(domain, answer);
        // What nobody could say may be said the next time.
        if (answer !== 'unknown') this.#known.set(domain, answer);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, unasked.length) }, worker));
    return answers;
  }

  async #look(domain: string): Promise<MailDomainAnswer> {
    const mx = await settled(this.#resolver.resolveMx(domain));
    if (mx === 'unknown') return 'unknown';
    if (mx !== 'none') {
      // A single MX without a name says that the domain takes no mail (RFC 7505).
      const named = mx.filter(({ exchange }) => exchange !== '' && exchange !== '.');
      return named.length > 0 ? 'yes' : 'no';
    }
    // Without an MX, the domain's own address takes its mail.
    const found = await Promise.all([
      settled(this.#resolver.resolve4(domain)),
      settled(this.#resolver.resolve6(domain)),
    ]);
    if (found.some((answer) => Array.isArray(answer))) return 'yes';
    return found.includes('unknown') ? 'unknown' : 'no';
  }
}

/** The answer, `none` if there is no such record, or `unknown` if the DNS did not say. */
async function settled<T>(asked: Promise<T[]>): Promise<T[] | 'none' | 'unknown'> {
  try {
    const answer = await asked;
    return answer.length > 0 ? answer : 'none';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA' ? 'none' : 'unknown';
  }
}
