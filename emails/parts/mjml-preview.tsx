import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Shows an MJML theme in React Email's preview server, which knows React only: a process of its own renders the theme
 * as Broadsheet does, with the theme's preview data.
 * @param folder of the theme, as `import.meta.dirname` of the file that the preview server opens
 */
export async function mjmlPreview(folder: string) {
  const root = join(folder, '../../..');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(root, 'scripts/preview-theme.ts'), folder],
    // The server's own NODE_OPTIONS and NODE_ENV are not for this process.
    { cwd: root, maxBuffer: 10_000_000, env: { PATH: process.env.PATH, NODE_ENV: 'production' } },
  );
  const [, attributes = '', content = ''] = /<html([^>]*)>([\s\S]*)<\/html>/i.exec(stdout) ?? [];
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];
  return (
    <html
      lang={attribute('lang') ?? 'en'}
      dir={attribute('dir') ?? 'ltr'}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a whole mail, rendered from our own template
      dangerouslySetInnerHTML={{ __html: content }}
    />
  );
}
