import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A mail as a test server got it. */
export interface Received {
  from: string;
  to: string;
  raw: string;
}

/** A real SMTP server on the loopback interface. */
export interface TestSmtp {
  url: string;
  received: Received[];
  /** How often each address got mail. */
  copies(): Map<string, number>;
  close(): Promise<void>;
}

/** How the server differs from one that takes everything. */
export interface Behaviour {
  /** Answers to RCPT: an error with a responseCode refuses. */
  onRecipient?(address: string): Error | undefined;
  /** Answers to the message. */
  onMessage?(received: Received): Error | undefined;
  /** Waits before the answer to each message, in milliseconds. */
  delayMs?: number;
  port?: number;
}

/** An SMTP answer for `Behaviour`. */
export function refusal(code: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode: code });
}

export async function startSmtp(behaviour: Behaviour = {}): Promise<TestSmtp> {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onRcptTo(address, _session, answer) {
      answer(behaviour.onRecipient?.(address.address) ?? null);
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = {
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo[0]?.address ?? '',
          raw: Buffer.concat(chunks).toString('latin1'),
        };
        const refused = behaviour.onMessage?.(mail);
        if (!refused) received.push(mail);
        setTimeout(() => answer(refused ?? null, 'queued'), behaviour.delayMs ?? 0);
      });
    },
  });
  server.on('error', () => {});
  const listener = server.listen(behaviour.port ?? 0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    received,
    copies: () => {
      const counts = new Map<string, number>();
      for (const { to } of received) counts.set(to, (counts.get(to) ?? 0) + 1);
      return counts;
    },
    close,
  };
}

/** A server that is no mail server: what happens on a connection is up to the test. */
export async function startSocketServer(onConnection: (socket: Socket) => void): Promise<{ url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Speaks just enough SMTP to get a message, and then does what the test wants instead of answering. */
export function afterMessage(socket: Socket, then: (socket: Socket) => void): void {
  let data = false;
  let buffer = '';
  socket.write('220 test ESMTP\r\n');
  socket.on('data', (chunk) => {
    buffer += chunk.toString('latin1');
    for (;;) {
      if (data) {
        if (!buffer.includes('\r\n.\r\n')) return;
        buffer = '';
        data = false;
        then(socket);
        return;
      }
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const command = buffer.slice(0, end).toUpperCase();
      buffer = buffer.slice(end + 2);
      if (command.startsWith('DATA')) {
        data = true;
        socket.write('354 go on\r\n');
      } else if (command.startsWith('QUIT')) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    }
  });
}
