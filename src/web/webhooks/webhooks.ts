import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Context } from '../../context.ts';
import { inTransaction } from '../../db/in-transaction.ts';
import { messageOf } from '../../errors.ts';
import { applyEvent } from '../../feedback/apply.ts';
import type { LinkSigner } from '../../links.ts';
import { guardedFetch } from '../../stories/fetch.ts';
import { brevo } from './brevo.ts';
import { mailgun } from './mailgun.ts';
import { postmark } from './postmark.ts';
import { type HookContent, type HookTools, Refused } from './provider.ts';
import { sendgrid } from './sendgrid.ts';
import { ses } from './ses.ts';
import { sparkpost } from './sparkpost.ts';

const largestBody = 1024 * 1024;
const providers = { ses, postmark, sendgrid, mailgun, sparkpost, brevo };

/**
 * `/PROVIDER`: where mail providers post what came back. A post that is not the provider's is refused with 401, a provider
 * that is not set up has no page. Each event is taken for itself and acts once; 503 asks the provider to post again.
 * @param options.fetchText gets SNS's certificates
 */
export function webhooks(
  context: Context,
  options: { signer: LinkSigner; fetchText?: HookTools['fetchText'] },
): Hono {
  const app = new Hono();
  const tools: HookTools = {
    context,
    signer: options.signer,
    fetchText: options.fetchText ?? fetchFromOutside,
  };
  app.use(bodyLimit({ maxSize: largestBody, onError: (c) => c.json({ error: 'too large' }, 413) }));
  app.post('/:provider', async (c) => {
    const name = c.req.param('provider');
    const provider = Object.hasOwn(providers, name) ? providers[name as keyof typeof providers] : undefined;
    if (!provider?.isConfigured(context.config)) return c.json({ error: 'no such webhook' }, 404);
    let content: HookContent;
    try {
      const body = await c.req.text();
      content = await provider.read({ body, header: (header) => c.req.header(header) }, tools);
    } catch (error) {
      const reason = messageOf(error);
      context.log.warn({ provider: name, reason }, 'a webhook post was refused');
      // Whatever else went wrong, such as fetching a certificate, may go well the next time.
      return error instanceof Refused
        ? c.json({ error: reason }, error.status)
        : c.json({ error: 'try again' }, 503);
    }
    const result = content.once
      ? await applyOnce(context, name, content, content.once)
      : await applyAll(context, name, content);
    if (result === 'repeated') return c.json({ repeated: true });
    if (result.failed > 0) return c.json(result, 503);
    return c.json(result);
  });
  return app;
}

interface Applied {
  recorded: number;
  repeated: number;
  broken: number;
  failed: number;
}

async function applyAll(
  context: Context,
  provider: string,
  { events, broken }: HookContent,
): Promise<Applied> {
  const result = { recorded: 0, repeated: 0, broken, failed: 0 };
  for (const event of events)
    try {
      const { action } = await applyEvent(context, event);
      result[action === 'repeated' ? 'repeated' : 'recorded'] += 1;
    } catch (error) {
      result.failed += 1;
      context.log.warn({ provider, error: messageOf(error) }, 'an event could not be recorded yet');
    }
  if (broken > 0) context.log.warn({ provider, broken }, 'a webhook post had events that are not understood');
  return result;
}

/** Takes a post's token and its events in one transaction: a token that is taken stands for events that are recorded. */
async function applyOnce(
  context: Context,
  provider: string,
  content: HookContent,
  token: string,
): Promise<Applied | 'repeated'> {
  let result: Applied = { recorded: 0, repeated: 0, broken: content.broken, failed: 0 };
  try {
    return await inTransaction(context, async (db) => {
      const inside = { ...context, db };
      if (!(await claimOnce(inside, provider, token))) return 'repeated';
      result = await applyAll(inside, provider, content);
      if (result.failed > 0) throw new Error('The provider is to post again.');
      return result;
    });
  } catch (error) {
    if (result.failed > 0) return { ...result, recorded: 0 };
    context.log.warn({ provider, error: messageOf(error) }, 'an event could not be recorded yet');
    return { ...result, recorded: 0, failed: content.events.length };
  }
}

const rememberMs = 3_600_000;

/** Takes a post's token; false if it was taken before. Tokens are forgotten when their time is refused anyway. */
async function claimOnce({ db, clock }: Context, provider: string, token: string): Promise<boolean> {
  const scope = `hook:${provider}`;
  const now = clock.now();
  await db
    .deleteFrom('feedback_seen')
    .where('scope', '=', scope)
    .where('at', '<', new Date(now.getTime() - rememberMs))
    .execute();
  const row = await db
    .insertInto('feedback_seen')
    .values({ scope, name: token, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

async function fetchFromOutside(url: string): Promise<string> {
  const { status, body } = await guardedFetch(
    { allowPrivateNetwork: false, maxRedirects: 0, maxBytes: 64 * 1024, timeoutMs: 5_000 },
    url,
  );
  if (status !== 200) throw new Error(`${new URL(url).host} answers ${status}`);
  return body.toString('utf8');
}
