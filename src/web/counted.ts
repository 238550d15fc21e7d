import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '../context.ts';
import type { EditionLink } from '../editions/edition-links.ts';
import { messageOf } from '../errors.ts';
import type { EngagementBuffer } from '../feedback/engagement-buffer.ts';
import { sourceOf } from '../feedback/engagement-source.ts';
import type { LinkSigner } from '../links.ts';
import { KnownLinks } from './known-links.ts';
import type { FirstLook } from './server.ts';

interface Counting {
  signer: LinkSigner;
  engagement: Pick<EngagementBuffer, 'add'>;
}

// A string, so that it leaves with its headers in one piece.
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64').toString(
  'latin1',
);

// The address holds a token, and must not be kept, shown to the page it leads to, or found by a search.
const headers = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
};
const pixelHeaders = {
  ...headers,
  'Content-Type': 'image/gif',
  'Content-Length': pixel.length,
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/**
 * Answers what is counted, ahead of all pages, as it is most of what is asked for after a send: `/c/TOKEN/NUMBER`, a link
 * of an edition, and `/o/TOKEN.gif`, an invisible image. A link leads where the edition's table of links says, never to an
 * address that stands in the link itself, so nobody can make it lead elsewhere. Links that lead nowhere are left to the
 * page that says so.
 */
export function answerCounted(context: Context, { signer, engagement }: Counting): FirstLook {
  const links = new KnownLinks(context);

  const count = (request: IncomingMessage, { subscriberId, editionId }: Counted, link?: EditionLink) => {
    // The reader 0 is nobody: mail that was sent for a look.
    if (subscriberId === 0) return;
    engagement.add({
      editionId,
      subscriberId,
      kind: link ? 'click' : 'open',
      position: link && link.position >= 0 ? link.position : undefined,
      related: link && link.related >= 0 ? link.related : undefined,
      at: context.clock.now(),
      source: sourceOf({
        method: request.method ?? '',
        userAgent: request.headers['user-agent'],
        purpose: String(request.headers['sec-purpose'] ?? request.headers.purpose ?? ''),
      }),
    });
  };

  const lead = (request: IncomingMessage, response: ServerResponse, counted: Counted, link: EditionLink) => {
    count(request, counted, link);
    response.writeHead(302, { ...headers, Location: link.url, 'Content-Length': 0 }).end();
  };

  return (request, response, pages) => {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return pages();
    if (url.startsWith('/o/')) {
      const token = /^\/o\/([\w-]+)\.gif(?:\?|$)/.exec(url)?.[1];
      if (token === undefined) return pages();
      const counted = countedBy(signer, token);
      if (counted) count(request, counted);
      // The same for every token: whether it is a right one is nobody's business.
      response.writeHead(200, pixelHeaders).end(pixel, 'latin1');
      return;
    }
    const [, token, number] = /^\/c\/([\w-]+)\/(\d{1,6})(?:\?|$)/.exec(url) ?? [];
    const counted = token === undefined ? undefined : countedBy(signer, token);
    if (!counted) return pages();
    const known = links.known(counted.editionId, Number(number));
    if (known) return lead(request, response, counted, known);
    links.lookUp(counted.editionId, Number(number)).then(
      (link) => (link ? lead(request, response, counted, link) : pages()),
      (error) => {
        context.log.error({ error: messageOf(error) }, 'a link could not be looked up');
        response
          .writeHead(503, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': 60 })
          .end('We cannot look up where this link leads just now. Please try again in a minute.\n');
      },
    );
  };
}

interface Counted {
  editionId: number;
  /** Undefined: the link is the same for all readers. */
  subscriberId: number | undefined;
}

/** What a token counts for: a reader's edition, or an edition. */
function countedBy(signer: LinkSigner, token: string): Counted | undefined {
  if (/^\d+-[^-]+$/.test(token)) {
    const [editionId] = signer.verify('count', token) ?? [];
    return editionId === undefined ? undefined : { editionId, subscriberId: undefined };
  }
  const [subscriberId, editionId] = signer.verify('click', token) ?? [];
  return editionId === undefined || subscriberId === undefined ? undefined : { editionId, subscriberId };
}
