import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { finishIfSettled } from '../../src/delivery/sweep.ts';
import { linkSigner } from '../../src/links.ts';
import { span, startTracing } from '../../src/observe/tracing.ts';
import { createTestContext } from '../support/context.ts';
import { startHttp } from '../support/feeds.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';

interface Sent {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

/** Something that takes traces by OTLP over HTTP. */
async function receiver() {
  const bodies: { path: string; authorization: string | undefined; body: string }[] = [];
  const endpoint = await startHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  return {
    endpoint,
    bodies,
    spans: () =>
      bodies.flatMap(({ body }) =>
        (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] }).resourceSpans.flatMap(
          (each) => each.scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
  };
}

test('traces go to the endpoint: a batch with its hand-overs below it, and what failed in words without addresses', async () => {
  const { endpoint, bodies, spans } = await receiver();
  const traces = { endpoint, headers: { authorization: 'Bearer x' }, service: 'post', share: 1 };
  const end = await startTracing({ traces });
  onTestFinished(end);
  const context = await createTestContext();
  const smtp = await startSmtp();
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const stopping = new AbortController();
  const sender = await startSender(context, {
    url: smtp.url,
    signer: await linkSigner(context),
    stopping: stopping.signal,
    lookup: async () => [],
  });
  await expect.poll(() => smtp.received.length).toBe(3);
  stopping.abort();
  await sender.stop();
  await finishIfSettled(context, editionId);
  await expect(
    span('outer', {}, () => span('inner', {}, () => Promise.reject(new Error('no reader1@example.com')))),
  ).rejects.toThrow();
  await end();

  expect(bodies[0]).toMatchObject({ path: '/v1/traces', authorization: 'Bearer x' });
  const one = (name: string) => spans().find((each) => each.name === name) as Sent;
  const batch = one('delivery batch');
  expect(batch.attributes).toContainEqual({ key: 'broadsheet.edition', value: { intValue: editionId } });
  expect(one('smtp hand-over')).toMatchObject({ traceId: batch.traceId, parentSpanId: batch.spanId });
  expect(one('inner')).toMatchObject({
    parentSpanId: one('outer').spanId,
    status: { code: 2, message: 'no (address)' },
  });
  expect(bodies[0]?.body).toContain('"service.name"');
});

test('a share of 0 sends nothing, and so does what is not configured', async () => {
  const { endpoint, bodies } = await receiver();
  const end = await startTracing({ traces: { endpoint, headers: {}, service: 'post', share: 0 } });
  await span('unseen', {}, async () => {});
  await end();
  await (await startTracing({ traces: undefined }))();
  await span('unseen', {}, async () => {});
  expect(bodies).toEqual([]);
});
