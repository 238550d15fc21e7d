import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { startHttp } from '../support/feeds.ts';

/** A post as a receiver got it. */
export interface Got {
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of any kind
  body: any;
}

/** A receiver of posts. It answers 204, or what `answer` does. */
export async function startReceiver(
  answer: (response: ServerResponse, got: Got, request: IncomingMessage) => void = (response) =>
    response.writeHead(204).end(),
) {
  const posts: Got[] = [];
  const url = await startHttp((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const got = { headers: request.headers, text, body: JSON.parse(text) };
      posts.push(got);
      answer(response, got, request);
    });
  });
  return { url, posts };
}

/** Whether a post is signed with a secret, by the words of the Standard Webhooks specification. */
export function isSigned({ headers, text }: Got, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const signature = createHmac('sha256', key).update(content).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${signature}`);
}
