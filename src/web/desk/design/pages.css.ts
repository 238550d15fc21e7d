import { checksCss } from '../edition/checks.css.ts';
import { editionCss } from '../edition/edition.css.ts';
import { previewCss } from '../edition/preview.css.ts';
import { newslettersCss } from '../newsletters/newsletters.css.ts';
import { policyCss } from '../policy/policy.css.ts';
import { reportsCss } from '../reports/reports.css.ts';
import { sourcesCss } from '../sources/sources.css.ts';
import { storiesCss } from '../stories/stories.css.ts';
import { todayCss } from '../today/today.css.ts';

/** What single pages need beyond the components. */
export const pagesCss = [
  todayCss,
  editionCss,
  previewCss,
  checksCss,
  storiesCss,
  sourcesCss,
  policyCss,
  reportsCss,
  newslettersCss,
].join('');
