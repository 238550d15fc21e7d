import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { getEdition } from '../../../src/editions/editions.ts';
import { startDesk } from './desk-site.ts';

test('a form of fifty megabytes is refused before it is there, and one that is packed is not unpacked', async () => {
  const { as, url, editionId, context } = await startDesk();
  const cookie = [...as.editor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const path = `${url}/desk/editions/${editionId}/change`;
  const headers = { cookie, origin: url, 'hx-request': 'true' };
  let sent = 0;
  /** Sends a form in pieces, without saying how long it is, until an answer comes. */
  const flood = () =>
    new Promise<number>((resolve, reject) => {
      const asking = request(
        path,
        {
          method: 'POST',
          headers: { ...headers, 'content-type': 'multipart/form-data; boundary=part' },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
          asking.destroy();
        },
      );
      asking.on('error', (error) => (asking.destroyed ? undefined : reject(error)));
      asking.write('--part\r\ncontent-disposition: form-data; name="imageUrl"; filename="a.png"\r\n\r\n');
      const piece = Buffer.alloc(1_000_000, 1);
      const next = () => {
        if (asking.destroyed || sent >= 50) return;
        sent++;
        asking.write(piece, () => setImmediate(next));
      };
      next();
    });
  expect(await flood()).toBe(413);
  expect(sent).toBeLessThan(50);
  const form = { csrf: as.editor.csrf, base: '1', act: 'lines', subject: 'Packed', x: 'x'.repeat(200_000) };
  const post = async (body: string | Buffer, more: Record<string, string> = {}) =>
    (
      await fetch(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', ...more },
        body: new Uint8Array(Buffer.from(body)),
      })
    ).status;
  const written = new URLSearchParams(form).toString();
  expect(await post(gzipSync(written), { 'content-encoding': 'gzip' })).toBe(403);
  expect(await getEdition(context, editionId)).toMatchObject({ version: 1 });
  expect(await post(written)).toBe(200);
  expect((await as.editor.get(`/desk/editions/${editionId}`)).status).toBe(200);
});
