import fc from 'fast-check';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TokenSource } from '../../src/delivery/smtp/authenticate.ts';
import { SmtpConnection } from '../../src/delivery/smtp/connection.ts';
import { Outgoing } from '../../src/delivery/smtp/outgoing.ts';
import { ReplyReader } from '../../src/delivery/smtp/reply.ts';
import { parseSmtpUrl } from '../../src/delivery/smtp/server.ts';

// What goes in comes out, whatever it is.

const got: Buffer[] = [];
const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, answer) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      got.push(Buffer.concat(chunks));
      answer(null);
    });
  },
});
let connection: SmtpConnection;

beforeAll(async () => {
  const listener = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as { port: number };
  const patience = { connectMs: 2000, answerMs: 2000, messageMs: 2000 };
  connection = await SmtpConnection.open(
    parseSmtpUrl(`smtp://127.0.0.1:${port}`),
    patience,
    new TokenSource(undefined),
  );
});
afterAll(async () => {
  connection.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

// Lines with many dots, and bytes of every kind but those that end lines.
const line = fc
  .array(fc.oneof(fc.constant(0x2e), fc.integer({ min: 0, max: 255 })), { maxLength: 12 })
  .map((bytes) => bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d));

test('a server gets back the lines of a message, however many begin with dots and however it is cut into parts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(200), { maxLength: 5 }),
      async (lines, cuts) => {
        const raw = Buffer.from(lines.flatMap((bytes) => [...bytes, 0x0d, 0x0a]));
        const at = [0, ...cuts.map((each) => each % (raw.length + 1)).sort((a, b) => a - b), raw.length];
        const parts = at.slice(1).map((end, index) => raw.subarray(at[index], end));
        got.length = 0;
        const outcome = await connection.send({
          from: 'a@example.com',
          to: 'b@example.com',
          raw: parts,
          size: raw.length,
        });
        expect(outcome).toMatchObject({ kind: 'answered', code: 250 });
        expect(Buffer.concat(got).equals(raw)).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test('a message always ends with its own line end before the dot, and never earlier', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 4 }), (parts) => {
      const outgoing = new Outgoing();
      // Something in front, as after a message that was sent before.
      outgoing.text('RSET\r\n');
      outgoing.message(parts.map((part) => Buffer.from(part)));
      const text = outgoing.bytes.toString('latin1').slice('RSET\r\n'.length);
      expect(`\r\n${text}`.indexOf('\r\n.\r\n')).toBe(text.length + 2 - 5);
    }),
  );
  const bare = new Outgoing();
  bare.message([Buffer.from('one\n.\nRCPT TO:<x@example.com>\n')]);
  expect(bare.bytes.toString()).toBe('one\n..\nRCPT TO:<x@example.com>\n\r\n.\r\n');
});

test('answers are read the same however their bytes are cut into packets', () => {
  const text = '220 ready\r\n250-one\r\n250-zwei ü\r\n250 three\r\n421 4.0.0 gone 🦊\r\n354\r\n';
  const whole = [...new ReplyReader().read(Buffer.from(text))];
  expect(whole.map(({ code }) => code)).toEqual([220, 250, 421, 354]);
  fc.assert(
    fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 20 }), (cuts) => {
      const bytes = Buffer.from(text);
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const reader = new ReplyReader();
      const replies = at.slice(1).flatMap((end, index) => [...reader.read(bytes.subarray(at[index], end))]);
      expect(replies).toEqual(whole);
      expect(reader.isBetweenReplies).toBe(true);
    }),
  );
});

test('no bytes make the reader throw anything but words, or keep more than a line', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const reader = new ReplyReader();
      try {
        for (const chunk of chunks)
          for (const { code, words } of reader.read(Buffer.from(chunk))) {
            expect(code).toBeGreaterThanOrEqual(200);
            expect(words.length).toBeLessThanOrEqual(1000);
          }
      } catch (error) {
        expect((error as Error).message).toMatch(/^the server /);
      }
    }),
  );
});
