import { bodyLimit } from 'hono/body-limit';
import { identifyCaller } from './caller.ts';
import { type Api, type ApiTools, newApi } from './describe.ts';
import { apiDocsPage } from './docs-page.tsx';
import { type ApiDocument, describe } from './document.ts';
import { answerError, failure } from './failure.ts';
import { rememberCalls } from './idempotency.ts';
import { limitRate } from './rate-limit.ts';
import { addRoutes } from './routes.ts';
import { refuseUnstorable } from './storable.ts';

const largestBody = 10 * 1024 * 1024;

/**
 * The HTTP API. Its description is at `/openapi.json`, and for people at `/docs`; anyone may read them. All else asks
 * for a token (caller.ts). Errors are JSON: `{ "error": { "code", "message", "hint", "details" } }`.
 */
export function api(tools: ApiTools): Api {
  const { context } = tools;
  const app = newApi();
  let document: ApiDocument | undefined;
  // Made when somebody asks: a process that serves pages alone need not pay for it.
  const described = () => {
    document ??= describe(app, context.config.publicUrl);
    return document;
  };
  app.get('/openapi.json', (c) => c.json(described()));
  app.get('/docs', (c) => apiDocsPage(c, described()));

  app.use(identifyCaller(context));
  app.use(limitRate(context));
  app.use(
    bodyLimit({
      maxSize: largestBody,
      onError: (c) =>
        c.json(failure('too-large', 'The body is larger than 10 MB.', 'Send it in parts.'), 413),
    }),
  );
  app.use(refuseUnstorable());
  app.use(rememberCalls(context));
  addRoutes(app, tools);

  // Not notFound(): within the whole site that is the site's, a page.
  app.all('*', (c) => c.json(failure('not-found', `There is no ${c.req.method} ${c.req.path}.`), 404));
  app.onError((error, c) => answerError(context.log, error, c));
  return app;
}
