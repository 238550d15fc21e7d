import { connect, createServer, type Socket } from 'node:net';
import { inject, onTestFinished } from 'vitest';
import { connectTo, type Database } from '../../src/db/connect.ts';
import type { TestContext } from './context.ts';

/** A way to a test's database that can be cut. */
export interface DatabaseWay {
  /** Through it. */
  database: Database;
  /** Every connection breaks, and none can be made. */
  cut(): void;
  /** Connections can be made again. */
  mend(): void;
}

export async function wayToDatabase(context: TestContext, connections = 6): Promise<DatabaseWay> {
  const target = `${inject('socketFolder')}/.s.PGSQL.5432`;
  const open = new Set<Socket>();
  let up = true;
  const server = createServer((socket) => {
    if (!up) return void socket.destroy();
    const upstream = connect(target);
    for (const each of [socket, upstream]) {
      open.add(each);
      each.on('error', () => {});
      each.on('close', () => {
        open.delete(each);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const cut = () => {
    up = false;
    for (const socket of open) socket.destroy();
  };
  const { database: name } = context.database.connection;
  const database = connectTo({ host: '127.0.0.1', port, user: 'broadsheet', database: name }, connections);
  onTestFinished(async () => {
    await database.close();
    cut();
    server.close();
  });
  return {
    database,
    cut,
    mend: () => {
      up = true;
    },
  };
}
