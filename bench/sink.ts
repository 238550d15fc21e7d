// An SMTP server that takes everything at once and keeps nothing. It runs as a process of its own (forked, or by hand:
// `node bench/sink.ts`), so that it has a core of its own and is nobody's overhead.
import { createServer, type Socket } from 'node:net';

/** Milliseconds before the answer to a message. */
const waitMs = Number(process.env.WAIT_MS ?? 0);

/** Messages taken since the parent asked last, and the longest time between two of them. */
let taken = 0;
let longestPauseMs = 0;
let takenAt = performance.now();

function countMessage(): void {
  const now = performance.now();
  longestPauseMs = Math.max(longestPauseMs, now - takenAt);
  takenAt = now;
  taken += 1;
}

process.on('message', () => {
  // A pause that still lasts counts as well.
  const sinceLast = performance.now() - takenAt;
  process.send?.({ taken, longestPauseMs: Math.round(Math.max(longestPauseMs, sinceLast)) });
  taken = 0;
  longestPauseMs = 0;
});

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.write('220 sink ESMTP\r\n');
  converse(socket);
});

/** Answers commands in the order they come, however many at once (RFC 2920), and each message after a wait. */
function converse(socket: Socket): void {
  let inMessage = false;
  // What a chunk ended with: an unfinished command, or the last bytes of a message, which may be half of its end.
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    let buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let answers = '';
    // What is answered behind a message waits with it.
    const later: string[] = [];
    const say = (line: string) => {
      if (later.length > 0) later.push(line);
      else answers += line;
    };
    for (;;) {
      if (inMessage) {
        const end = buffer.indexOf('\r\n.\r\n');
        if (end < 0) {
          buffer = buffer.subarray(Math.max(0, buffer.length - 4));
          break;
        }
        inMessage = false;
        countMessage();
        if (waitMs > 0) later.push('250 2.0.0 taken\r\n');
        else answers += '250 2.0.0 taken\r\n';
        buffer = buffer.subarray(end + 5);
      }
      const end = buffer.indexOf('\r\n');
      if (end < 0) break;
      const command = buffer.toString('latin1', 0, Math.min(end, 8)).toUpperCase();
      buffer = buffer.subarray(end + 2);
      if (command.startsWith('EHLO')) answers += '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n';
      else if (command.startsWith('DATA')) {
        inMessage = true;
        // A line end in front, so that an empty message has the same end as any other.
        buffer = Buffer.concat([Buffer.from('\r\n'), buffer]);
        say('354 go on\r\n');
      } else if (command.startsWith('QUIT')) {
        socket.end(`${answers}221 bye\r\n`);
        return;
      } else say('250 ok\r\n');
    }
    rest = Buffer.from(buffer);
    if (answers) socket.write(answers);
    if (later.length > 0) setTimeout(() => socket.write(later.join('')), waitMs);
  });
}

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  if (process.send) process.send({ port });
  else console.log(`taking mail on 127.0.0.1:${port}`);
});
process.on('disconnect', () => process.exit());
