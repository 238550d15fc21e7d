import { isbot } from 'isbot';

/**
 * Who asked for a link or the image that counts openings.
 *
 * - `person`: nothing speaks against it.
 * - `prefetch`: a mail program or provider that loads what is in a message before anybody looks at it.
 * - `scanner`: a program that tests links, or reads for others: gateways, previews of chats, search engines, scripts.
 *
 * All three are kept; only what persons did counts in rates, rankings, tests of subjects and readers' taste.
 */
export type Source = 'person' | 'prefetch' | 'scanner';

/** What is known of a request when it comes. */
export interface Asking {
  /** GET, or HEAD. */
  method: string;
  userAgent: string | undefined;
  /** The header Sec-Purpose, or Purpose of older browsers. */
  purpose: string | undefined;
}

// Apple's proxies name themselves so and no further (Mail Privacy Protection). They load the images of every message,
// read or not, at a time of their own; nothing else tells them from one that was read, so none of them counts.
const appleProxy = 'Mozilla/5.0';

// Gmail's servers load images ahead under the name of a browser of 2015 that nobody uses.
const gmailAhead = 'Chrome/42.0.2311.135 Safari/537.36 Edge/12.246';

// Proxies that load an image when somebody opens the message: a person's opening, though of an unknown place and time
// of day from then on, as they keep it. `isbot` takes their names for robots'.
const proxiesOfPersons = /\bGoogleImageProxy\b|^YahooMailProxy\b/;

// Mail programs that name themselves alone, without pretending to be a browser, which `isbot` takes for robots.
const mailPrograms =
  /^(?:SamsungEmail|K-9 Mail|Thunderbird|Evolution|KMail|Outlook-|Microsoft Office\/|Lotus-Notes|eM ?Client|Airmail|Spark\/)/i;

// What tests links for others and names itself within the name of a browser, where `isbot` misses it.
const namedScanners =
  /\b(?:Symantec|WebPulse|Barracuda|Mimecast|Proofpoint|MessageLabs|Forcepoint|Websense|FireEye|Trellix|IronPort|SafeLinks|Cloudmark|Sophos|FortiGuard|TrendMicro|Vade|Zscaler|Gmail-content-sampling|BingPreview)/i;

const mostRemembered = 2_000;
const remembered = new Map<string, Source>();

/**
 * What a request by itself tells of who asks. What only time tells is in `tooSoon` and `burst`: both are looked at when
 * it is written.
 */
export function sourceOf({ method, userAgent, purpose }: Asking): Source {
  // Persons' browsers fetch a link; programs that only look whether it works ask for its head.
  if (method === 'HEAD') return 'scanner';
  if (purpose && /\bpre(?:fetch|view|render)/i.test(purpose)) return 'prefetch';
  const agent = userAgent?.trim() ?? '';
  let source = remembered.get(agent);
  if (!source) {
    source = sourceOfAgent(agent);
    if (remembered.size >= mostRemembered) remembered.clear();
    // Anybody may send a long one.
    if (agent.length <= 400) remembered.set(agent, source);
  }
  return source;
}

function sourceOfAgent(agent: string): Source {
  if (agent === '') return 'scanner';
  if (agent === appleProxy) return 'prefetch';
  if (namedScanners.test(agent)) return 'scanner';
  if (agent.includes(gmailAhead)) return 'prefetch';
  if (proxiesOfPersons.test(agent) || mailPrograms.test(agent)) return 'person';
  return isbot(agent.slice(0, 1_000)) ? 'scanner' : 'person';
}

/**
 * So soon after a server accepted a message nobody has seen it arrive, opened it, read and clicked; gateways look at it
 * just then, under the names of common browsers. An opening may be quick, where the mail program is in front of its
 * reader. What comes while the message is still being handed over is never a person's.
 */
export const tooSoonMs = { open: 2_000, click: 10_000 } as const;

/**
 * Different links of one message, so many within so long, are followed by a program that tests them all: two within half
 * a second, or three within two seconds. Somebody who opens two stories in tabs takes longer. Clicks of a burst that
 * were taken for a person's when they came are marked when the next one shows what they were. A link that is asked for
 * twice is no burst: people press twice.
 */
export const burst = { twoWithinMs: 500, threeWithinMs: 2_000 } as const;
