import { expect, test } from 'vitest';
import { compose, prepareComposer } from '../../src/delivery/compose.ts';
import { anybody } from '../../src/delivery/readers.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { deliveryNamedBy } from '../../src/feedback/return-path.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

test('a message carries what the webhooks that are set up give back, and nothing for the others', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 1);
  const editionId = await seedEdition(context, (await seedNewsletter(context, [listId])).id);
  const signer = await linkSigner(context);
  const composer = await prepareComposer(context, await getEdition(context, editionId), signer);
  const headersWith = (webhooks: Partial<typeof context.config.webhooks>) => {
    const config = { ...context.config, webhooks: { ...context.config.webhooks, ...webhooks } };
    const message = compose({ ...context, config }, composer, anybody(7, 'reader1@example.com'));
    return (
      Buffer.concat(message?.raw ?? [])
        .toString()
        .split('\r\n\r\n')[0] ?? ''
    );
  };
  expect(headersWith({})).not.toMatch(/^X-/im);

  const headers = headersWith({ postmark: 'x', sendgrid: 'x', sparkpost: 'x', brevo: 'x' });
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(headers)?.[1] ?? '';
  const tokens = [
    value('X-PM-Metadata-delivery'),
    JSON.parse(value('X-SMTPAPI')).unique_args.delivery,
    JSON.parse(value('X-MSYS-API')).metadata.delivery,
    value('X-Mailin-custom'),
    value('Message-ID'),
  ];
  for (const token of tokens)
    expect(deliveryNamedBy(signer, [token])).toEqual({ editionId, subscriberId: 7 });
  // Postmark takes 80 characters of a value.
  expect(tokens[0].length).toBeLessThan(80);
});
