import type { Context } from '../context.ts';
import { adoptHint, findInstallation } from '../db/installation.ts';
import { messageOf } from '../errors.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/** Whether the data are at home here, or a copy of which sending is held. */
export async function checkInstallation(context: Pick<Context, 'db' | 'config' | 'clock'>): Promise<Finding> {
  try {
    const found = await findInstallation(context);
    if (!found) return ok('installation', 'new; it is at home where it is served first');
    return found.held === undefined
      ? ok('installation', `${found.id} is at home here`)
      : failed('installation', `sending is held. ${found.held}`, adoptHint);
  } catch (error) {
    return warning(
      'installation',
      `whether the data are a copy is not known: ${messageOf(error)}`,
      'Run "broadsheet db migrate", then look again.',
    );
  }
}
