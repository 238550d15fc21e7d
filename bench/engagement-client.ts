// Many readers at once, in a process of their own. Its parent sends one `LoadRequest`, waits for 'ready', sends 'go', and
// gets one `LoadResult`. A bare socket for each connection: a client library would cost as much as what is measured.
import { connect, type Socket } from 'node:net';
import { createLinkSigner } from '../src/links.ts';

/** What is asked for. */
export interface LoadRequest {
  port: number;
  secret: string;
  editionId: number;
  /** Subscribers' ids, one request after the other; 0: nobody, who is not counted. */
  readers: number[];
  /** Links that are followed in turn; every second request is for the image that counts openings. */
  links: number;
  connections: number;
}

/** How it went. */
export interface LoadResult {
  seconds: number;
  /** Answers that were right: a redirect, or the image. */
  right: number;
  /** Milliseconds from request to answer. */
  median: number;
  p99: number;
}

const browsers = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
];

process.once('message', (load: LoadRequest) => {
  const requests = written(load);
  process.once('message', async () => {
    process.send?.(await run(load, requests));
    process.disconnect();
  });
  process.send?.('ready');
});

function written({ port, secret, editionId, readers, links }: LoadRequest): string[] {
  const signer = createLinkSigner(secret);
  return readers.map((reader, at) => {
    const token = signer.sign('click', [reader, editionId]);
    const path = at % 2 === 0 ? `/c/${token}/${1 + ((at >> 1) % links)}` : `/o/${token}.gif`;
    return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: ${browsers[at % browsers.length]}\r\nAccept: */*\r\nAccept-Language: en-GB,en;q=0.8\r\n\r\n`;
  });
}

async function run({ port, connections }: LoadRequest, requests: string[]): Promise<LoadResult> {
  const times: number[] = [];
  let next = 0;
  let right = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      for (;;) {
        const request = requests[next++];
        if (request === undefined) break;
        const asked = performance.now();
        socket.write(request);
        const status = await answer(socket);
        times.push(performance.now() - asked);
        if (status === 302 || status === 200) right++;
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  times.sort((a, b) => a - b);
  return {
    seconds,
    right,
    median: times[times.length >> 1] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}

/** The status of one whole answer. */
function answer(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (outcome: () => void) => {
      socket.off('data', read).off('error', failed).off('close', closed);
      outcome();
    };
    const failed = (error: Error) => settle(() => reject(error));
    const closed = () => settle(() => reject(new Error('The server closed a connection.')));
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2));
      const isWhole = length
        ? text.length >= end + 4 + Number(length[1])
        : /\r\ntransfer-encoding: chunked/i.test(text.slice(0, end + 2))
          ? text.endsWith('0\r\n\r\n')
          : true;
      if (isWhole) settle(() => resolve(Number(text.slice(9, 12))));
    };
    socket.on('data', read).on('error', failed).on('close', closed);
  });
}
