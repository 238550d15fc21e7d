import { Argument, type Command } from 'commander';
import { createOutput } from './command.ts';
import { type NameKind, nameKinds } from './completion/tree.ts';

/** `broadsheet complete-names`: for the scripts. A shell waits for it at each press of Tab, and nobody reads what went wrong. */
export function register(group: Command): void {
  group
    .addArgument(new Argument('<kind>').choices(nameKinds))
    .action(async (kind: NameKind, _options, command: Command) => {
      const output = createOutput(command);
      const names = await look(kind).catch(() => []);
      output.text(...names);
      output.result(names);
    });
}

async function look(kind: NameKind): Promise<string[]> {
  const [{ loadConfig }, { openDatabase }, { knownNames }] = await Promise.all([
    import('../config.ts'),
    import('../db/connect.ts'),
    import('./completion/names.ts'),
  ]);
  const database = await openDatabase(loadConfig(), { migrate: false, connections: 1 });
  try {
    return await knownNames(database.db, kind);
  } finally {
    await database.close();
  }
}
