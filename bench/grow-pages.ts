import type { BenchContext } from './database.ts';
import { startDeskServer } from './desk-server.ts';
import type { Meter } from './grow-figures.ts';

/**
 * Asks for pages of the desk over HTTP, whole, as an admin.
 * @param paths by the names under which they are noted
 * @throws Error if one answers with another status than 200
 */
export async function measurePages(
  context: BenchContext,
  meter: Meter,
  paths: Record<string, string>,
): Promise<void> {
  const server = await startDeskServer(context);
  const ask = async (path: string) => {
    const answer = await fetch(server.url + path, {
      headers: { cookie: `${server.cookie.name}=${server.cookie.value}` },
    });
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
  };
  try {
    for (const [name, path] of Object.entries(paths)) {
      await ask(path);
      // What it had counted beside is there for the next one.
      await server.background.settle();
      await meter.often(name, () => ask(path));
    }
  } finally {
    await server.close();
  }
}
