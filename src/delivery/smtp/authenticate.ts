import type { Login } from './server.ts';

/** What a method does: its first line, and the answers to what the server then asks. */
export interface Exchange {
  /** Behind `AUTH `. */
  first: string;
  /** Sent for each 334, in this order. */
  answers: string[];
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** SASL PLAIN (RFC 4616). */
const plain = ({ user, password }: Login): Exchange => ({
  first: `PLAIN ${base64(`\0${user}\0${password}`)}`,
  answers: [],
});

/** LOGIN, which no RFC describes and old servers have alone. */
const login = ({ user, password }: Login): Exchange => ({
  first: 'LOGIN',
  answers: [base64(user), base64(password)],
});

/** XOAUTH2 as Google and Microsoft have it. An error comes as 334 and wants an empty answer. */
const xoauth2 = ({ user }: Login, token: string): Exchange => ({
  first: `XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`)}`,
  answers: [''],
});

/**
 * How to log in, with the method asked for or the best that the server has.
 * @param offered the names behind AUTH in the answer to EHLO
 * @throws Error saying what the server has if there is no common method
 */
export async function exchangeFor(asked: Login, offered: string[], token: TokenSource): Promise<Exchange> {
  const method =
    asked.method ?? (['PLAIN', 'LOGIN'] as const).find((name) => offered.includes(name)) ?? 'none';
  // Some servers hide what they have; who was told a method uses it.
  if (method === 'none' || (asked.method === undefined && !offered.includes(method)))
    throw new Error(
      offered.length > 0
        ? `the server logs nobody in by password, only by ${offered.join(', ')}`
        : 'the server offers no log-in on this connection',
    );
  if (method === 'PLAIN') return plain(asked);
  if (method === 'LOGIN') return login(asked);
  return xoauth2(asked, await token.current());
}

/** The access token of a log-in, renewed before it runs out; shared by all connections of a route. */
export class TokenSource {
  readonly #renewal: Login['renewal'];
  #token: string;
  #expires: number;
  #renewing: Promise<void> | undefined;

  constructor(login: Login | undefined) {
    this.#renewal = login?.renewal;
    this.#token = login?.password ?? '';
    this.#expires = this.#renewal ? (this.#token ? Date.now() + 60_000 : 0) : Number.POSITIVE_INFINITY;
  }

  /** @throws Error with the token server's words if it gives none */
  async current(): Promise<string> {
    if (Date.now() >= this.#expires) {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = undefined;
      });
      await this.#renewing;
    }
    return this.#token;
  }

  /** The server refused the token: the next one is new. */
  refused(): void {
    if (this.#renewal) this.#expires = 0;
  }

  // RFC 6749 section 6.
  async #renew(): Promise<void> {
    const renewal = this.#renewal;
    if (!renewal) return;
    const response = await fetch(renewal.url, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: renewal.clientId,
        client_secret: renewal.clientSecret,
        refresh_token: renewal.refreshToken,
      }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok || typeof answer.access_token !== 'string')
      throw new Error(
        `${new URL(renewal.url).host} gives no access token: ${String(answer.error_description ?? answer.error ?? response.status).slice(0, 200)}`,
      );
    const seconds = Number(answer.expires_in ?? 3600);
    this.#token = answer.access_token;
    this.#expires = Date.now() + Math.max(30, (Number.isFinite(seconds) ? seconds : 3600) - 60) * 1000;
  }
}
