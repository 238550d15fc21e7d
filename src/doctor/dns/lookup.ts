import { Resolver } from 'node:dns/promises';
import { messageOf, UserError } from '../../errors.ts';

/** A name server that could not be asked, or gave no answer that can be used. */
export class DnsTrouble extends Error {}

const absent = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** The DNS as the checks ask it: each question once, and what is not there is an empty list. */
export class Dns {
  readonly #resolver = new Resolver({ timeout: 1_500, tries: 2 });
  readonly #asked = new Map<string, Promise<string[] | string[][]>>();

  /**
   * @param server `host:port` or `host`, both as numbers; those of this machine if not given
   * @throws UserError if it is no such address
   */
  constructor(server?: string) {
    if (server === undefined) return;
    try {
      this.#resolver.setServers([server]);
    } catch {
      throw new UserError(`"${server}" is no address of a name server.`, {
        code: 'usage',
        hint: 'Such as 9.9.9.9, 127.0.0.1:5353 or [2620:fe::fe]:53.',
      });
    }
  }

  /** As `dns.promises.resolve`, for libraries: throws where there is nothing, with the code of Node's resolver. */
  readonly resolve = (name: string, type: string): Promise<string[] | string[][]> => {
    const key = `${type} ${name.toLowerCase()}`;
    const known = this.#asked.get(key);
    if (known) return known;
    const answer = this.#resolver.resolve(name, type) as Promise<string[] | string[][]>;
    answer.catch(() => {});
    this.#asked.set(key, answer);
    return answer;
  };

  /** The texts of a name, each in one piece. @throws DnsTrouble */
  txt(name: string): Promise<string[]> {
    return this.#list(name, 'TXT', (row) => (Array.isArray(row) ? row.join('') : String(row)));
  }

  /** Mail servers, the preferred first; an empty name says that no mail is taken (RFC 7505). @throws DnsTrouble */
  async mx(name: string): Promise<string[]> {
    const rows = await this.#list(
      name,
      'MX',
      (row) => row as unknown as { exchange: string; priority: number },
    );
    return rows.toSorted((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
  }

  /** IPv4 and IPv6 addresses. @throws DnsTrouble */
  async addresses(name: string): Promise<string[]> {
    const both = await Promise.all([this.#list(name, 'A', String), this.#list(name, 'AAAA', String)]);
    return both.flat();
  }

  /** The names that an address is said to have. @throws DnsTrouble */
  async names(address: string): Promise<string[]> {
    try {
      return await this.#resolver.reverse(address);
    } catch (error) {
      return nothing(error, address);
    }
  }

  /** Gives up what was not answered. */
  close(): void {
    this.#resolver.cancel();
  }

  async #list<Each>(name: string, type: string, each: (row: unknown) => Each): Promise<Each[]> {
    try {
      return (await this.resolve(name, type)).map(each);
    } catch (error) {
      return nothing(error, name);
    }
  }
}

function nothing(error: unknown, name: string): [] {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (absent.has(code)) return [];
  const words: Record<string, string> = {
    ETIMEOUT: 'no name server answered in time',
    ESERVFAIL: 'the name server failed',
    EREFUSED: 'the name server refused to answer',
    ECONNREFUSED: 'there is no name server',
    ECANCELLED: 'there was no more time',
  };
  throw new DnsTrouble(`${name} could not be looked up: ${words[code] ?? messageOf(error)}`);
}
