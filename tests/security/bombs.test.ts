import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contextWithList, load, workbookOf } from '../support/imports.ts';
import { seedList } from '../support/seed.ts';
import { startHostileSite } from './hostile-site.ts';

test('bodies that are huge, deep or broken are refused as they come, and the next call is answered', {
  timeout: 180_000,
}, async () => {
  const { context, url, browser } = await startHostileSite();
  await seedList(context, 1);
  // A server that has answered does not read on: who is still writing then may find the connection closed before the answer.
  const cutOff = 413;
  const post = (path: string, body: string, type = 'application/json') =>
    fetch(url + path, { method: 'POST', body, headers: { 'Content-Type': type, Connection: 'close' } }).then(
      ({ status }) => status,
      ({ cause }) => {
        if (/other side closed|ECONNRESET|EPIPE/.test(`${cause?.code} ${cause?.message}`)) return cutOff;
        throw cause;
      },
    );
  const deep = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times);
  const refused = {
    'a list of lists': await post('/api/subscribers', deep('[', ']', 200_000)),
    'an object of objects': await post(
      '/api/subscribers',
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    ),
    'deep fields': await post(
      '/api/subscribers',
      `{"email":"a@example.com","list":"readers","fields":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
    ),
    'a body of 11 MB': await post('/api/subscribers', `{"email":"${'a'.repeat(11_000_000)}"}`),
    'half of a body': await post('/api/subscribers', '{"email":'),
    'deep policy': await post(
      '/api/newsletters',
      `{"slug":"x","name":"x","from":"a@example.com","cron":"0 7 * * *","policy":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
    ),
    'a deep filter': await post(
      '/api/segments',
      JSON.stringify({ name: 'deep', filter: `${'('.repeat(20_000)}tag = "a"${')'.repeat(20_000)}` }),
    ),
    'a filter of negations': await post(
      '/api/segments',
      JSON.stringify({ name: 'deep', filter: `${'not '.repeat(20_000)}tag = "a"` }),
    ),
  };
  for (const [name, status] of Object.entries(refused)) {
    expect(status, name).toBeGreaterThanOrEqual(400);
    expect(status, name).toBeLessThan(500);
  }
  expect((await browser.post('/desk/sources', { address: 'x'.repeat(400_000) })).status).toBe(413);
  const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, '']));
  expect((await browser.post('/subscribe/readers', fields)).status).toBeLessThan(500);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

test('a workbook that unpacks to more than it may is refused before it is unpacked, or when it lied of its size', {
  timeout: 180_000,
}, async () => {
  const context = await contextWithList();
  const honest = bombOf(workbookOf([['email'], ['ada@example.com']]), 260_000_000);
  const lying = bombOf(workbookOf([['email'], ['ada@example.com']]), 1_000);
  await expect(load(context, honest)).rejects.toThrow('unpacks to more than memory should hold');
  await expect(load(context, lying)).rejects.toThrow('is not an Excel workbook that can be read');
});

/** A workbook with a further file of 4 MB of spaces. @param said what the directory says of its size */
function bombOf(workbook: Uint8Array, said: number): Buffer {
  const real = Buffer.from(workbook);
  const packed = deflateRawSync(Buffer.alloc(4_000_000, ' '), { level: 1 });
  const end = real.lastIndexOf('PK\u0005\u0006', real.length, 'latin1');
  const directory = real.readUInt32LE(end + 16);
  const name = Buffer.from('xl/sharedStrings.xml');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(said, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(20, 4);
  entry.writeUInt16LE(20, 6);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(said, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(directory, 42);
  const entries = Buffer.concat([real.subarray(directory, end), entry, name]);
  const files = Buffer.concat([real.subarray(0, directory), local, name, packed]);
  const last = Buffer.from(real.subarray(end));
  const count = last.readUInt16LE(8) + 1;
  last.writeUInt16LE(count, 8);
  last.writeUInt16LE(count, 10);
  last.writeUInt32LE(entries.length, 12);
  last.writeUInt32LE(files.length, 16);
  return Buffer.concat([files, entries, last]);
}
