// `npm run docs:api`: writes docs/api.md from the API's description.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';
import { apiReference } from '../src/web/api/reference.ts';
import { describeApi } from '../src/web/api/routes.ts';

writeFileSync(join(packageRoot, 'docs/api.md'), apiReference(describeApi()));
console.log('Wrote docs/api.md.');
