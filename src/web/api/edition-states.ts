import { createRoute, z } from '@hono/zod-openapi';
import { findEdition } from '../../editions/editions.ts';
import { move, type Transition } from '../../editions/lifecycle.ts';
import { UserError } from '../../errors.ts';
import { approveEdition } from '../../schedule/approve-edition.ts';
import {
  type Api,
  type ApiTools,
  conflict,
  json,
  missing,
  needs,
  optionalBody,
  refused,
} from './describe.ts';
import { editionParams, editionSchema, shownEdition } from './editions.ts';
import { findingSchema } from './reasons.ts';

const approve = createRoute({
  method: 'post',
  path: '/editions/{edition}/approve',
  tags: ['Editions'],
  summary: 'Approve an edition: it goes out at its time',
  description:
    'Errors that the checks found keep it from being approved (409, with the findings in "details"), unless the newsletter does not mind them, or "anyway" is true. With "version" it is approved only if it has not been changed since.',
  ...needs('editions:approve'),
  request: {
    params: editionParams,
    body: optionalBody(
      z
        .strictObject({
          version: z.number().int().describe('the version that you looked at'),
          anyway: z.boolean().describe('whatever the checks found'),
        })
        .partial(),
    ),
  },
  responses: {
    200: json(
      editionSchema.extend({ findings: z.array(findingSchema) }).openapi('ApprovedEdition'),
      'It is approved; with the errors and warnings that the checks found.',
    ),
    ...refused,
    ...missing,
    ...conflict,
  },
});

const stateRoute = <const Verb extends string>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/editions/{edition}/${verb}` as const,
    tags: ['Editions'],
    summary,
    ...needs('editions:approve'),
    request: { params: editionParams },
    responses: {
      200: json(editionSchema, 'The edition as it is now.'),
      ...refused,
      ...missing,
      ...conflict,
    },
  });

const hold = stateRoute('hold', 'Hold an edition that is approved or being sent: no further message begins');
const resume = stateRoute('resume', 'Let a held edition go on where it was');
const cancel = stateRoute('cancel', 'Never send an edition, or stop sending it for good');

/** What decides whether an edition goes out. */
export function addEditionStateRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(approve, async (c) => {
    const { version, anyway } = c.req.valid('json');
    const edition = await findEdition(context, c.req.valid('param').edition);
    if (version !== undefined && version !== edition.version)
      throw new UserError(`Edition ${edition.id} has version ${edition.version} now, not ${version}.`, {
        code: 'state',
        hint: 'Look at it again, and approve it then.',
        details: { version: edition.version },
      });
    const approved = await approveEdition(context, edition, () => {}, { anyway });
    return c.json({ ...shownEdition(approved.edition), findings: approved.findings }, 200);
  });
  const to = async (reference: string, transition: Transition, reason: string | null = null) => {
    const { id } = await findEdition(context, reference);
    return shownEdition(await move(context, id, transition, reason));
  };
  api.openapi(hold, async (c) =>
    c.json(await to(c.req.valid('param').edition, 'pause', `held by ${c.var.caller.name}`), 200),
  );
  api.openapi(resume, async (c) => c.json(await to(c.req.valid('param').edition, 'resume'), 200));
  api.openapi(cancel, async (c) => c.json(await to(c.req.valid('param').edition, 'cancel'), 200));
}
