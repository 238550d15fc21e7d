import { messageOf, UserError } from '../../errors.ts';
import { type FetchedResource, type FetchOptions, guardedFetch } from '../../stories/fetch.ts';
import { counted, type Finding } from './finding.ts';
import type { FoundLink } from './images-links.ts';

const hostsAtOnce = 4;

/** How long links may take. */
export interface LinkLimits {
  /** For all links together; 60,000 ms. */
  totalMs?: number;
  /** For one; 10,000 ms. */
  timeoutMs?: number;
}

/**
 * Follows links, to see whether there is something at their end: at most four servers at once, and each asked for one
 * page at a time, by HEAD, and by GET where HEAD was of no use.
 * @param config lets private addresses be asked, or not, as for sources
 */
export async function checkDeadLinks(
  config: FetchOptions,
  links: FoundLink[],
  { totalMs = 60_000, timeoutMs = 10_000 }: LinkLimits = {},
): Promise<Finding[]> {
  const found = new Map<string, Finding>();
  const deadline = performance.now() + totalMs;
  let unseen = 0;
  const queues = [...Map.groupBy(links, ({ url }) => new URL(url).host).values()];
  // The longest first, as its server is the one to wait for.
  queues.sort((a, b) => b.length - a.length);
  const visitor = async () => {
    for (let queue = queues.shift(); queue; queue = queues.shift())
      for (const link of queue) {
        const left = deadline - performance.now();
        if (left <= 0) {
          unseen++;
          continue;
        }
        const finding = await follow(config, link, Math.ceil(Math.min(timeoutMs, left)), left < timeoutMs);
        if (finding === 'unseen') unseen++;
        else if (finding) found.set(link.url, finding);
      }
  };
  await Promise.all(Array.from({ length: hostsAtOnce }, visitor));
  const inOrder = links.flatMap(({ url }) => found.get(url) ?? []);
  return unseen === 0
    ? inOrder
    : [
        ...inOrder,
        {
          check: 'dead-links',
          severity: 'hint',
          message: `${counted(unseen, 'link was', 'links were')} not followed: ${totalMs / 1000} s were over.`,
          where: { part: 'checks' },
          mend: 'Check the edition again later, or leave it: nothing is known against them.',
        },
      ];
}

/** @param isCut whether the time for it is shorter than it would be, so that running out of it says nothing */
async function follow(
  config: FetchOptions,
  { url, place }: FoundLink,
  timeoutMs: number,
  isCut: boolean,
): Promise<Finding | 'unseen' | undefined> {
  const finding = (severity: Finding['severity'], message: string): Finding => ({
    check: 'dead-links',
    severity,
    message,
    where: place,
    mend:
      severity === 'error'
        ? 'Take the story out, or choose another report of it.'
        : 'Open the link by hand: the server may only mind being asked by a program.',
  });
  const started = performance.now();
  try {
    const answer = await headThenGet(config, url, timeoutMs);
    if (answer.status === 404 || answer.status === 410)
      return finding(
        'error',
        `The page is ${answer.status === 410 ? 'gone' : 'not there'} (status ${answer.status}).`,
      );
    if (answer.status >= 400) return finding('warning', `The server answers with status ${answer.status}.`);
    return undefined;
  } catch (error) {
    if (isCut && performance.now() - started >= timeoutMs - 50) return 'unseen';
    if (codesOf(error).includes('ENOTFOUND'))
      return finding('error', `There is no server named ${new URL(url).hostname}.`);
    return finding('warning', error instanceof UserError ? error.message : messageOf(error));
  }
}

async function headThenGet(config: FetchOptions, url: string, timeoutMs: number): Promise<FetchedResource> {
  const started = performance.now();
  const { allowPrivateNetwork, isPublic } = config;
  const options = { allowPrivateNetwork, isPublic };
  try {
    const answer = await guardedFetch({ ...options, timeoutMs }, url, { method: 'HEAD' });
    if (answer.status < 400) return answer;
  } catch (error) {
    // What GET would come to as well.
    if (codesOf(error).some((code) => ['ENOTFOUND', 'ECONNREFUSED', 'private-network'].includes(code)))
      throw error;
  }
  // Many servers do not know HEAD, and answer it with anything.
  const left = Math.max(1, Math.ceil(timeoutMs - (performance.now() - started)));
  return guardedFetch({ ...options, timeoutMs: left }, url, { headersOnly: true });
}

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current = error;
  for (let depth = 0; current && depth < 5; depth++) {
    const { code, cause, errors } = current as { code?: unknown; cause?: unknown; errors?: unknown[] };
    if (typeof code === 'string') codes.push(code);
    current = cause ?? errors?.[0];
  }
  return codes;
}
