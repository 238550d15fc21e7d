import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { renderTemplate } from './template.ts';

/**
 * Renders a transactional mail: `emails/<template>.tsx`, a React Email component that is the default export.
 * @throws UserError naming the template and line if it fails
 */
export function renderMail(template: string, props: object): Promise<{ html: string; text: string }> {
  return renderTemplate(join(packageRoot, 'emails', `${template}.tsx`), props, { plainText: true });
}
