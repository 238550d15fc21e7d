import type { Socket } from 'node:net';
import { startSocketServer } from './smtp.ts';

/** What a server says to a command: these bytes, or nothing. Whoever gives nothing may do something to the socket. */
type Answer = string | undefined | ((command: string, socket: Socket) => string | undefined);

/** How a scripted server differs from one that takes everything. Keys are the first word of a command. */
export interface Script {
  greeting?: Answer;
  /** Keywords behind the greeting of EHLO. */
  extensions?: string[];
  commands?: Record<string, Answer>;
  /** Said to a whole message. */
  message?: Answer;
  /** Sees what comes in the text of a message, before it is whole. */
  inData?(bytes: number, socket: Socket): void;
}

export interface ScriptedSmtp {
  url: string;
  /** What was said to it, in order, by all connections; a message is `(message)`. */
  heard: string[];
  /** Messages as they came: dots not undone, the ending dot left out. */
  messages: Buffer[];
  connections: number;
}

/** An SMTP server that answers by a script, wrongly if the script says so. It answers commands in order, however many come at once. */
export async function startScripted(script: Script = {}): Promise<ScriptedSmtp> {
  const server = { heard: [] as string[], messages: [] as Buffer[], connections: 0 };
  const { url } = await startSocketServer((socket) => {
    server.connections++;
    converse(socket, script, server);
  });
  return Object.assign(server, { url });
}

function converse(socket: Socket, script: Script, server: Omit<ScriptedSmtp, 'url'>): void {
  const say = (answer: Answer, command: string) => {
    const words = typeof answer === 'function' ? answer(command, socket) : answer;
    if (words !== undefined && !socket.destroyed) socket.write(words);
    return words;
  };
  const usual: Record<string, Answer> = {
    EHLO: `${['250-test', ...(script.extensions ?? ['PIPELINING']).map((each) => `250-${each}`)].join('\r\n')}\r\n250 ENHANCEDSTATUSCODES\r\n`,
    DATA: '354 go on\r\n',
    QUIT: (_command, each) => void each.end('221 bye\r\n'),
    ...script.commands,
  };
  let rest: Buffer = Buffer.alloc(0);
  let inMessage = false;
  say('greeting' in script ? script.greeting : '220 test ESMTP\r\n', '');
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (!socket.destroyed) {
      if (inMessage) {
        const end = rest.indexOf('\r\n.\r\n');
        if (end < 0) {
          script.inData?.(rest.length, socket);
          return;
        }
        // The line end in front of an empty message's dot is that of DATA.
        server.messages.push(rest.subarray(2, Math.max(2, end + 2)));
        server.heard.push('(message)');
        rest = rest.subarray(end + 5);
        inMessage = false;
        say('message' in script ? script.message : '250 2.0.0 taken\r\n', '(message)');
        continue;
      }
      const end = rest.indexOf('\r\n');
      if (end < 0) return;
      const command = rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 2);
      server.heard.push(command);
      const verb = command.split(/[ :]/)[0]?.toUpperCase() ?? '';
      const said = say(verb in usual ? usual[verb] : '250 2.0.0 ok\r\n', command);
      if (said?.startsWith('354') && verb === 'DATA') {
        inMessage = true;
        rest = Buffer.concat([Buffer.from('\r\n'), rest]);
      }
    }
  });
}
