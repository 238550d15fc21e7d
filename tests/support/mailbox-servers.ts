import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A mailbox as a test server holds it. */
export interface TestMailbox {
  /** `imap://…` or `pop3://…`, with user and password. */
  url: string;
  messages: { uid: number; raw: Buffer; flags: Set<string> }[];
  /** What clients asked, without what they logged in with. */
  commands: string[];
}

/** How a server differs from one that does everything right. */
export interface Oddities {
  /** Hangs up instead of answering a command that matches. */
  hangUpAt?: RegExp;
  /** States this size instead of the true one. */
  statedSize?: number;
  /** Speaks TLS from the beginning, or when asked to (POP3's STLS), with a certificate that nobody vouches for. */
  tls?: 'always' | 'asked';
}

const file = (name: string) => readFileSync(join(import.meta.dirname, 'tls', name), 'utf8');
/** The servers' certificate, for 127.0.0.1. */
export const testCertificate = file('certificate.pem');
const credentials = { cert: testCertificate, key: file('key.pem') };

type Answer = (line: string, socket: Socket) => void;

async function serve(
  scheme: 'imap' | 'pop3',
  greeting: string,
  mailbox: TestMailbox,
  oddities: Oddities,
  answering: () => Answer,
): Promise<TestMailbox> {
  const sockets = new Set<Socket>();
  const converse = (socket: Socket, answer: Answer) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let buffer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      buffer += text;
      for (let at = buffer.indexOf('\r\n'); at >= 0; at = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, at);
        buffer = buffer.slice(at + 2);
        mailbox.commands.push(line.replace(/(LOGIN|PASS|USER) .*/, '$1'));
        if (oddities.hangUpAt?.test(line)) return void socket.destroy();
        if (line === 'STLS' && oddities.tls === 'asked') {
          socket.removeAllListeners('data');
          socket.write('+OK begin\r\n');
          return converse(new TLSSocket(socket, { ...credentials, isServer: true }), answer);
        }
        answer(line, socket);
      }
    });
  };
  const welcome = (socket: Socket) => {
    socket.write(greeting);
    converse(socket, answering());
  };
  const server = oddities.tls === 'always' ? createTlsServer(credentials, welcome) : createServer(welcome);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  mailbox.url = `${scheme}://bounces%40example.com:p%2Fw%20d@127.0.0.1:${(server.address() as AddressInfo).port}`;
  return mailbox;
}

const holding = (messages: Buffer[]): TestMailbox => ({
  url: '',
  messages: messages.map((raw, index) => ({ uid: 101 + index, raw, flags: new Set<string>() })),
  commands: [],
});

/** As much of an IMAP server (RFC 3501) as a client needs that reads unseen messages and flags them. */
export function startImap(messages: Buffer[], oddities: Oddities = {}): Promise<TestMailbox> {
  const mailbox = holding(messages);
  return serve('imap', '* OK [CAPABILITY IMAP4rev1] ready\r\n', mailbox, oddities, () => (line, socket) => {
    const [, tag = '*', verb = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/i.exec(line) ?? [];
    const untagged: string[] = [];
    let result = 'OK done';
    const found = () => mailbox.messages.filter(({ uid }) => rest.split(' ')[0] === String(uid));
    switch (verb.toUpperCase()) {
      case 'CAPABILITY':
        untagged.push('CAPABILITY IMAP4rev1');
        break;
      case 'LOGIN':
        if (!/^"?bounces@example\.com"? "p\/w d"$/.test(rest))
          result = 'NO [AUTHENTICATIONFAILED] wrong password';
        break;
      case 'LIST':
        untagged.push('LIST (\\HasNoChildren) "/" INBOX');
        break;
      case 'SELECT':
        if (!/^"?INBOX"?$/i.test(rest)) result = 'NO [NONEXISTENT] no such folder';
        else
          untagged.push(
            'FLAGS (\\Seen \\Flagged \\Deleted)',
            `${mailbox.messages.length} EXISTS`,
            '0 RECENT',
            'OK [UIDVALIDITY 7] valid',
            'OK [PERMANENTFLAGS (\\Seen \\Flagged \\Deleted)] limited',
          );
        break;
      case 'UID SEARCH':
        untagged.push(
          `SEARCH ${mailbox.messages
            .filter(({ flags }) => !flags.has('\\Seen'))
            .map(({ uid }) => uid)
            .join(' ')}`,
        );
        break;
      case 'UID FETCH':
        for (const message of found()) {
          const { raw, uid } = message;
          const number = mailbox.messages.indexOf(message) + 1;
          const items = [`UID ${uid}`];
          if (/RFC822\.SIZE/i.test(rest)) items.push(`RFC822.SIZE ${oddities.statedSize ?? raw.length}`);
          const part = /BODY\.PEEK\[\]<0\.(\d+)>/i.exec(rest);
          const bytes = part ? raw.subarray(0, Number(part[1])) : raw;
          if (/BODY\.PEEK\[\]/i.test(rest))
            items.push(`BODY[]${part ? '<0>' : ''} {${bytes.length}}\r\n${bytes.toString('latin1')}`);
          untagged.push(`${number} FETCH (${items.join(' ')})`);
        }
        break;
      case 'UID STORE':
        for (const { flags } of found()) for (const [flag] of rest.matchAll(/\\\w+/g)) flags.add(flag);
        break;
      case 'LOGOUT':
        untagged.push('BYE');
        break;
      case 'NOOP':
      case 'CLOSE':
        break;
      default:
        result = 'BAD unknown';
    }
    socket.write(`${untagged.map((one) => `* ${one}\r\n`).join('')}${tag} ${result}\r\n`, 'latin1');
  });
}

/** A POP3 server (RFC 1939). What was deleted goes at QUIT. */
export function startPop3(messages: Buffer[], oddities: Oddities = {}): Promise<TestMailbox> {
  const mailbox = holding(messages);
  return serve('pop3', '+OK ready\r\n', mailbox, oddities, () => {
    const deleted = new Set<number>();
    const session = [...mailbox.messages];
    let user = '';
    return (line, socket) => {
      const [verb = '', argument = ''] = line.split(/ (.*)/);
      const message = session[Number(argument) - 1];
      const rows = (row: (one: (typeof session)[number]) => string | number) =>
        `+OK\r\n${session.map((one, index) => `${index + 1} ${row(one)}\r\n`).join('')}.\r\n`;
      const answers: Record<string, () => string> = {
        CAPA: () => (oddities.tls === 'asked' ? '+OK\r\nUIDL\r\nSTLS\r\n.\r\n' : '-ERR unknown\r\n'),
        USER: () => {
          user = argument;
          return '+OK\r\n';
        },
        PASS: () =>
          user === 'bounces@example.com' && argument === 'p/w d' ? '+OK\r\n' : '-ERR wrong password\r\n',
        LIST: () => rows(({ raw }) => oddities.statedSize ?? raw.length),
        UIDL: () => rows(({ uid }) => `uid-${uid}`),
        RETR: () =>
          message ? `+OK\r\n${message.raw.toString('latin1').replace(/^\./gm, '..')}\r\n.\r\n` : '-ERR\r\n',
        DELE: () => {
          deleted.add(message?.uid ?? 0);
          return '+OK\r\n';
        },
        QUIT: () => {
          mailbox.messages = mailbox.messages.filter(({ uid }) => !deleted.has(uid));
          return '+OK bye\r\n';
        },
      };
      socket.write(answers[verb]?.() ?? '-ERR unknown\r\n', 'latin1');
      if (verb === 'QUIT') socket.end();
    };
  });
}
