import { editionCss } from '../edition/edition.css.ts';
import { reportsCss } from '../reports/reports.css.ts';
import { storiesCss } from '../stories/stories.css.ts';
import { todayCss } from '../today/today.css.ts';

/** What single pages need beyond the components. */
export const pagesCss = [todayCss, editionCss, storiesCss, reportsCss].join('');
