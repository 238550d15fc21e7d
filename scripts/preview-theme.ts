// Prints a theme's HTML with its preview data: node --import tsx scripts/preview-theme.ts THEME [LANGUAGE]
import { messageOf } from '../src/errors.ts';
import { renderTemplate } from '../src/rendering/template.ts';
import { findTheme, themePreview } from '../src/rendering/theme.ts';

const [name, language] = process.argv.slice(2);
try {
  if (!name) throw new Error('Name a theme, or give the path of its folder.');
  const theme = findTheme(name);
  const { html } = await renderTemplate(theme.file, themePreview(theme, language));
  process.stdout.write(html, () => process.exit(0));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
