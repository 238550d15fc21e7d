import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { Agent, request } from 'undici';
import { messageOf, UserError } from '../errors.ts';
import { version } from '../package-root.ts';
import { isPublicAddress } from './public-address.ts';
import { shown } from './shown-url.ts';

export { shown };

/** How far a fetch may go. The settings (`Config`) will do: limits have defaults. */
export interface FetchOptions {
  /** Lets private, loopback and link-local addresses be asked. */
  allowPrivateNetwork: boolean;
  /** Which IP addresses count as public; `isPublicAddress`. A test, whose servers are all on loopback, says otherwise. */
  isPublic?: (address: string) => boolean;
  /** For everything together, redirects and body included; 10,000 ms. */
  timeoutMs?: number;
  /** After decompression; 10 MB. */
  maxBytes?: number;
  /** 5. */
  maxRedirects?: number;
}

/** What to ask for: only what changed since, in which form. */
export interface FetchRequest {
  etag?: string | null;
  lastModified?: string | null;
  /** The Accept header; anything if not given. */
  accept?: string;
  /** GET if not given. With POST, allow no redirects. */
  method?: 'HEAD' | 'POST';
  /** What is posted. */
  body?: string;
  /** Further headers, names in lower case. */
  headers?: Record<string, string>;
  /** Leaves the body unread, which is empty then; so it is after HEAD. */
  headersOnly?: boolean;
}

/** An answer of any status; `expectOk` turns those from 400 into an error. */
export interface FetchedResource {
  status: number;
  /** Where the body came from, after all redirects. */
  finalUrl: string;
  /** Where 301 and 308 led, up to the first temporary redirect; undefined if the address still holds. */
  permanentUrl: string | undefined;
  /** Names in lower case; a repeated header's values are joined with a comma. */
  headers: Record<string, string>;
  /** Decompressed; empty after 304, and where it was not asked for. */
  body: Buffer;
  etag: string | undefined;
  lastModified: string | undefined;
  /** The server says that nothing changed since `etag` or `lastModified`. */
  notModified: boolean;
}

const userAgent = `Broadsheet/${version} (newsletter digests; fetches feeds and articles)`;
const codings = ['gzip', 'deflate', 'br', 'zstd'];
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * Fetches a URL that came from outside: http and https only, with limits on time, size and redirects, and never from
 * a private network unless the options allow it. The address is checked when the connection is made, so that neither
 * a name that resolves to a private address nor one that changes between check and use gets through.
 * @throws UserError (code `fetch`), a sentence that names the URL
 */
export async function guardedFetch(
  options: FetchOptions,
  url: string,
  asked: FetchRequest = {},
): Promise<FetchedResource> {
  const { timeoutMs = 10_000, maxRedirects = 5 } = options;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const agent = new Agent({
    // The timer above ends it first, and says so in one way.
    connect: { timeout: timeoutMs + 1000, lookup: guardedLookup(options) },
    headersTimeout: timeoutMs + 1000,
    bodyTimeout: timeoutMs + 1000,
    // One fetch, one connection at a time: HTTP/2 has nothing to give, and its own limits to watch.
    allowH2: false,
  });
  try {
    return await follow(options, url, asked, agent, abort.signal, maxRedirects);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (abort.signal.aborted)
      throw fetchError(url, `did not answer in full within ${seconds(timeoutMs)}`, { cause: error });
    throw fetchError(url, `could not be fetched: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    agent.destroy().catch(() => {});
  }
}

/**
 * Passes on an answer that holds something.
 * @throws UserError (code `fetch`, details.status, details.retryAfter as the server sent it) for a status from 400
 */
export function expectOk(answer: FetchedResource): FetchedResource {
  if (answer.status < 400) return answer;
  const reasons: Record<number, string> = {
    401: 'wants a login (status 401)',
    403: 'refuses us (status 403)',
    404: 'is not there (status 404)',
    410: 'is gone for good (status 410)',
    429: 'says that we ask too often (status 429)',
  };
  const reason =
    reasons[answer.status] ??
    (answer.status >= 500
      ? `has trouble on its side (status ${answer.status})`
      : `answered with status ${answer.status}`);
  throw fetchError(answer.finalUrl, reason, {
    details: { status: answer.status, retryAfter: answer.headers['retry-after'] },
  });
}

async function follow(
  options: FetchOptions,
  start: string,
  asked: FetchRequest,
  agent: Agent,
  signal: AbortSignal,
  maxRedirects: number,
): Promise<FetchedResource> {
  const first = httpUrl(start);
  let current = first;
  let permanentUrl: string | undefined;
  let onlyPermanent = true;
  for (let hop = 0; ; hop++) {
    refusePrivateLiteral(current, options);
    const answer = await request(bare(current), {
      dispatcher: agent,
      signal,
      method: asked.method ?? 'GET',
      headers: headersFor(current, current.origin === first.origin ? first : undefined, asked),
      ...(asked.body !== undefined && { body: asked.body }),
    });
    const headers = flatten(answer.headers);
    const location = headers.location;
    if (!redirectStatuses.includes(answer.statusCode)) {
      const notModified = answer.statusCode === 304;
      const unread = notModified || asked.headersOnly || asked.method === 'HEAD';
      if (unread) answer.body.on('error', () => {}).destroy();
      const body = unread
        ? Buffer.alloc(0)
        : await readBody(answer.body, headers, shown(current), options.maxBytes ?? 10_000_000);
      return {
        status: answer.statusCode,
        finalUrl: current.href,
        permanentUrl,
        headers,
        body,
        etag: headers.etag,
        lastModified: headers['last-modified'],
        notModified,
      };
    }
    // Its body, a line of HTML at best, is of no use; the agent closes the connection in the end.
    answer.body.on('error', () => {}).destroy();
    if (!location)
      throw fetchError(current.href, `redirects (status ${answer.statusCode}) without saying where to`);
    if (hop >= maxRedirects)
      throw fetchError(
        start,
        maxRedirects === 0
          ? `redirects (status ${answer.statusCode}), which is not followed`
          : `redirects more than ${maxRedirects} times`,
      );
    let next: URL;
    try {
      next = httpUrl(new URL(location, current).href);
    } catch {
      throw fetchError(
        current.href,
        `redirects to something that is no web address: ${location.slice(0, 200)}`,
      );
    }
    if (!next.hash) next.hash = current.hash;
    onlyPermanent &&= answer.statusCode === 301 || answer.statusCode === 308;
    if (onlyPermanent) permanentUrl = next.href;
    current = next;
  }
}

function httpUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`"${text.slice(0, 200)}" is no web address.`, {
      code: 'fetch',
      hint: 'A web address begins with https:// or http://.',
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UserError(`${shown(url)} cannot be fetched: only http and https addresses can.`, {
      code: 'fetch',
    });
  return url;
}

// Node connects to an IP literal without asking `lookup`.
function refusePrivateLiteral(
  url: URL,
  { allowPrivateNetwork, isPublic = isPublicAddress }: FetchOptions,
): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (allowPrivateNetwork || !(host.includes(':') || /^[\d.]+$/.test(host))) return;
  if (!isPublic(host)) throw privateError(shown(url), host);
}

function guardedLookup({ allowPrivateNetwork, isPublic = isPublicAddress }: FetchOptions): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const usable = allowPrivateNetwork ? addresses : addresses.filter(({ address }) => isPublic(address));
      const [chosen] = usable;
      if (!chosen) return callback(privateError(hostname, addresses[0]?.address ?? 'nothing'), '', 0);
      if (options.all) callback(null, usable);
      else callback(null, chosen.address, chosen.family);
    });
  };
}

function privateError(where: string, address: string): UserError {
  return new UserError(`${where} is on a private network (${address}), so it is not fetched.`, {
    code: 'private-network',
    hint: 'If you trust it, set ALLOW_PRIVATE_NETWORK=true.',
  });
}

function headersFor(
  url: URL,
  credentials: URL | undefined,
  { etag, lastModified, accept, headers }: FetchRequest,
): Record<string, string> {
  const { username, password } = url.username ? url : (credentials ?? url);
  const userPassword = `${safelyDecoded(username)}:${safelyDecoded(password)}`;
  return {
    'user-agent': userAgent,
    accept: accept ?? '*/*',
    'accept-encoding': codings.join(', '),
    ...(etag && { 'if-none-match': etag }),
    ...(lastModified && { 'if-modified-since': lastModified }),
    ...(username && { authorization: `Basic ${Buffer.from(userPassword).toString('base64')}` }),
    ...headers,
  };
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy;
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

async function readBody(
  raw: Readable,
  headers: Record<string, string>,
  where: string,
  maxBytes: number,
): Promise<Buffer> {
  const tooLong = () => fetchError(where, `is larger than ${megabytes(maxBytes)}, so the rest was not read`);
  const encodings = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-/, ''))
    .filter((name) => name && name !== 'identity');
  const unknown = encodings.find((name) => !codings.includes(name));
  if (unknown) throw fetchError(where, `is compressed in a way that we cannot read ("${unknown}")`);
  // Nobody compresses three times but to do harm.
  if (encodings.length > 2) throw fetchError(where, 'is compressed more than twice');
  if (encodings.length === 0 && Number(headers['content-length']) > maxBytes) {
    raw.on('error', () => {}).destroy();
    throw tooLong();
  }

  let stream: AsyncIterable<Buffer> = limited(raw, maxBytes, tooLong);
  if (encodings.length === 0) stream = gunzippedIfGzip(stream);
  else for (const name of encodings.reverse()) stream = decompressed(stream, name);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of limited(stream, maxBytes, tooLong)) chunks.push(chunk);
  } catch (error) {
    // The codes of zlib, Brotli and Zstandard.
    if (/^(Z_|ERR__ERROR|ZSTD_)/.test(String((error as { code?: string }).code)))
      throw fetchError(where, `is broken: its compressed data ends early or is wrong`, { cause: error });
    throw error;
  } finally {
    raw.on('error', () => {}).destroy();
  }
  return Buffer.concat(chunks);
}

async function* limited(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
  tooLong: () => Error,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong();
    yield chunk;
  }
}

async function* decompressed(stream: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const { first, whole } = await peek(stream);
  if (first) yield* through(whole, decompressor(encoding, first));
}

// A .xml.gz sitemap is often served as a file, without Content-Encoding.
async function* gunzippedIfGzip(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { first, whole } = await peek(stream);
  if (first?.[0] === 0x1f && first[1] === 0x8b) yield* through(whole, createGunzip());
  else yield* whole;
}

// Pulls only as fast as the result is read, so a bomb is cut off before it unfolds.
async function* through(source: AsyncIterable<Buffer>, transform: Duplex): AsyncGenerator<Buffer> {
  // An error of either side destroys both, and reaches us through the transform.
  pipeline(source, transform, () => {});
  yield* transform as AsyncIterable<Buffer>;
}

async function peek(
  stream: AsyncIterable<Buffer>,
): Promise<{ first: Buffer | undefined; whole: AsyncGenerator<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]();
  let next = await iterator.next();
  while (!next.done && next.value.length === 0) next = await iterator.next();
  const first = next.done ? undefined : next.value;
  async function* whole() {
    if (first) yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first, whole: whole() };
}

function decompressor(encoding: string, first: Buffer): Duplex {
  if (encoding === 'gzip') return createGunzip();
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding === 'zstd') return createZstdDecompress();
  // RFC 9110 section 8.4.1.2 means zlib by "deflate"; some servers send it bare.
  return (first[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw();
}

function fetchError(
  url: string,
  what: string,
  extra: { cause?: unknown; details?: Record<string, unknown> } = {},
): UserError {
  return new UserError(`${shown(url)} ${what}.`, {
    code: 'fetch',
    cause: extra.cause,
    details: { url: shown(url), ...extra.details },
  });
}

function reasonOf(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: unknown };
  const known: Record<string, string> = {
    ENOTFOUND: 'there is no server of that name',
    EAI_AGAIN: 'the name could not be looked up just now',
    ECONNREFUSED: 'nothing answers there',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
    UND_ERR_HEADERS_OVERFLOW: 'its headers are too long',
    CERT_HAS_EXPIRED: 'its certificate has expired',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  };
  if (code && known[code]) return known[code];
  const nested = cause as { code?: string } | undefined;
  if (nested?.code && known[nested.code]) return known[nested.code]!;
  return messageOf(error).replace(/\.$/, '');
}

const seconds = (ms: number) => `${ms / 1000} seconds`;
const megabytes = (bytes: number) => `${Math.round(bytes / 100_000) / 10} MB`;
