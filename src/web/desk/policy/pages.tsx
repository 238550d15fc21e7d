/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Child } from 'hono/jsx';
import { type Act, may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { compareChoices, editionToChoose } from '../../../editions/compare-choices.ts';
import {
  editNewsletter,
  findNewsletter,
  type Newsletter,
  policyVersions,
} from '../../../editions/newsletters.ts';
import { askForReplay, findReplay, listReplays } from '../../../editions/policy-replays.ts';
import { computeReplayApart } from '../../../editions/replay-apart.ts';
import { UserError } from '../../../errors.ts';
import { type Policy, parsePolicy } from '../../../selection/policy.ts';
import { loadTaxonomy } from '../../../selection/topics/taxonomy.ts';
import { formOf } from '../../request.ts';
import { doNoted } from '../access/door.ts';
import { Notice } from '../design/components.tsx';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { errorSaid } from '../sayings/errors.ts';
import { asksForPiece } from '../toast.tsx';
import { speaking } from '../words/words.ts';
import { Effect } from './effect.tsx';
import {
  formOfPolicy,
  policyOfForm,
  policyOfJson,
  postedForm,
  type Read,
  ruleFormOf,
  ruleOfForm,
  type Wrong,
} from './form.ts';
import { type PolicyLook, PolicyPage, policyPath, rulesPath } from './policy-page.tsx';
import { ReplayPage, ReplayPiece, ReplaysPage } from './replay-pages.tsx';
import { RulesPage } from './rules-page.tsx';
import { VersionsPage } from './versions-page.tsx';
import { policyTexts } from './words.ts';

const slug = ':slug{[a-z0-9][a-z0-9-]*}';
const mostReplayed = 30;

/** `/desk/newsletters/SLUG/policy` and `/rules`: how a newsletter chooses, tried on what there is before it is saved. */
export function policyPages(
  context: Context,
  site: Pick<DeskSite, 'background' | 'connection'>,
): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();

  const lookFor = async (c: DeskCall, act: Act = 'view'): Promise<PolicyLook> => {
    const newsletter = await findNewsletter(context, c.req.param('slug') ?? '').catch(() => undefined);
    const { user } = c.var.session;
    if (!newsletter || !may(user, 'view', newsletter.id)) throw new HTTPException(404);
    if (!may(user, act, newsletter.id)) throw new HTTPException(403);
    return {
      c,
      say: speaking(policyTexts, c.var.language),
      newsletter,
      mayRule: may(user, 'edit', newsletter.id),
      mayChange: may(user, 'administer', newsletter.id),
    };
  };

  const effectOf = async (look: PolicyLook, after: Policy, title?: string) => (
    <Effect
      compared={
        await compareChoices(context, look.newsletter, {
          before: parsePolicy(look.newsletter.policy),
          after,
        })
      }
      newsletter={look.newsletter}
      say={look.say}
      language={look.c.var.language}
      title={title}
    />
  );

  /**
   * Saves a policy that was made from the version that `look` holds.
   * @returns the way to `back`, which says what was saved; undefined: somebody else saved another version meanwhile, and nothing was saved
   */
  const save = async (look: PolicyLook, document: Record<string, unknown>, note: string, back: string) => {
    const { c, newsletter } = look;
    const isOther = (version: number) => version !== newsletter.policy_version;
    try {
      const saved = await doNoted(
        context,
        c,
        async (within) => {
          const locked = await within.db
            .selectFrom('newsletters')
            .select('policy_version')
            .where('id', '=', newsletter.id)
            .forUpdate()
            .executeTakeFirst();
          if (!locked || isOther(locked.policy_version))
            throw new UserError('The policy was saved by somebody else meanwhile.', { code: 'conflict' });
          return editNewsletter(within, newsletter.id, { policy: document, policyNote: note });
        },
        ({ policy_version: version }) =>
          isOther(version)
            ? {
                act: 'policy.change',
                newsletterId: newsletter.id,
                subject: newsletter.name,
                details: { version, note },
              }
            : undefined,
      );
      const isNew = isOther(saved.policy_version);
      return c.redirect(`${back}?saved=${isNew ? saved.policy_version : 'same'}`, 303);
    } catch (error) {
      if (error instanceof UserError && error.code === 'conflict') return undefined;
      throw error;
    }
  };

  const savedNotice = async ({ c, say, newsletter }: PolicyLook): Promise<Child> => {
    const saved = c.req.query('saved');
    if (saved === 'same') return <Notice>{say('savedSame')}</Notice>;
    if (!saved || !/^\d{1,9}$/.test(saved)) return undefined;
    const edition = await editionToChoose(context, newsletter.id);
    return (
      <Notice mood="good">
        {say('saved', { version: saved })}{' '}
        {edition ? <a href={`/desk/editions/${edition.id}`}>{say('chooseAgain')}</a> : null}
      </Notice>
    );
  };

  /** Whether a form was shown before the version that is saved; one that does not say so may have been. */
  const isStale = (base: string | undefined, { policy_version }: Newsletter) =>
    Number(base) !== policy_version;

  app.get(`/${slug}/policy`, async (c) => {
    const look = await lookFor(c);
    const policy = parsePolicy(look.newsletter.policy);
    return showDesk(
      c,
      <PolicyPage
        look={look}
        policy={policy}
        form={formOfPolicy(policy, look.newsletter.policy)}
        base={look.newsletter.policy_version}
        notice={await savedNotice(look)}
      />,
    );
  });

  app.post(`/${slug}/policy`, async (c) => {
    const look = await lookFor(c, 'administer');
    const { say, newsletter } = look;
    const posted = await formOf(c);
    const step = posted.step?.[0] ?? 'effect';
    const note = (posted.note?.[0] ?? '').replaceAll('\0', '').trim().slice(0, 300);
    const isJson = step.startsWith('json-');
    const stored = newsletter.policy as Record<string, unknown>;
    const policy = parsePolicy(stored);
    const form = isJson
      ? { ...formOfPolicy(policy, stored), json: (posted.json?.[0] ?? '').slice(0, 200_000) }
      : { ...postedForm(posted), json: JSON.stringify(stored, null, 2) };
    const read: Read = isJson ? policyOfJson(form.json, say) : policyOfForm(form, stored, say);
    const page = (
      more: { look?: PolicyLook; wrong?: Wrong; notice?: Child; effect?: Child; base?: number },
      status: 200 | 409 | 422,
    ) =>
      showDesk(
        c,
        <PolicyPage
          look={look}
          policy={policy}
          form={
            isJson && 'policy' in read
              ? { ...formOfPolicy(read.policy, read.document), json: form.json }
              : form
          }
          base={more.base ?? (Number(posted.base?.[0]) || newsletter.policy_version)}
          note={note}
          isJson={isJson}
          {...more}
        />,
        status,
      );
    if ('wrong' in read) return page({ wrong: read.wrong }, 422);
    if (step.endsWith('effect')) return page({ effect: await effectOf(look, read.policy) }, 200);
    if (step === 'replay') return startReplay(look, read.document, Number(posted.editions?.[0]));
    const saved = isStale(posted.base?.[0], newsletter)
      ? undefined
      : await save(look, read.document, note, policyPath(newsletter));
    if (saved) return saved;
    const theirs = await lookFor(c, 'administer');
    const { policy_version: version } = theirs.newsletter;
    return page(
      {
        look: theirs,
        notice: (
          <Notice mood="wait">
            {say('changedMeanwhile', { version: String(version) })}{' '}
            <a href={`${policyPath(newsletter)}/versions`}>{say('versions')}</a>
          </Notice>
        ),
        base: version,
      },
      409,
    );
  });

  app.get(`/${slug}/policy/versions`, async (c) => {
    const look = await lookFor(c);
    return showDesk(
      c,
      <VersionsPage look={look} versions={await policyVersions(context, look.newsletter.id)} />,
    );
  });

  app.post(`/${slug}/policy/versions/:version{[0-9]{1,9}}`, async (c) => {
    const look = await lookFor(c, 'administer');
    const wanted = Number(c.req.param('version'));
    const version = (await policyVersions(context, look.newsletter.id)).find(
      (each) => each.version === wanted,
    );
    if (!version) throw new HTTPException(404);
    const posted = await formOf(c);
    const saved = isStale(posted.base?.[0], look.newsletter)
      ? undefined
      : await save(
          look,
          version.policy,
          look.say('backTo', { version: String(wanted) }),
          policyPath(look.newsletter),
        );
    if (saved) return saved;
    const theirs = await lookFor(c, 'administer');
    return showDesk(
      c,
      <VersionsPage
        look={theirs}
        versions={await policyVersions(context, theirs.newsletter.id)}
        notice={
          <Notice mood="wait">
            {look.say('versionMeanwhile', { version: String(theirs.newsletter.policy_version) })}
          </Notice>
        }
      />,
      409,
    );
  });

  app.get(`/${slug}/policy/replays`, async (c) => {
    const look = await lookFor(c);
    return showDesk(c, <ReplaysPage look={look} replays={await listReplays(context, look.newsletter.id)} />);
  });

  app.post(`/${slug}/policy/replays`, async (c) => {
    const look = await lookFor(c, 'edit');
    const posted = await formOf(c);
    return startReplay(look, look.newsletter.policy as Record<string, unknown>, Number(posted.editions?.[0]));
  });

  app.get(`/${slug}/policy/replays/:id{[0-9]{1,15}}`, async (c) => {
    const look = await lookFor(c);
    const replay = await findReplay(context, look.newsletter.id, Number(c.req.param('id')));
    if (!replay) throw new HTTPException(404);
    if (asksForPiece(c)) return c.html(<ReplayPiece look={look} replay={replay} />);
    return showDesk(c, <ReplayPage look={look} replay={replay} />);
  });

  async function startReplay(look: PolicyLook, policy: Record<string, unknown>, asked: number) {
    const { c, newsletter } = look;
    const { user } = c.var.session;
    const editions = Number.isInteger(asked) ? Math.min(mostReplayed, Math.max(1, asked)) : 14;
    try {
      const { id, work } = await askForReplay(context, newsletter, {
        policy,
        editions,
        by: user.name || user.email,
      });
      const { connection } = site;
      site.background.run(
        `replay ${id}`,
        connection ? () => computeReplayApart(context, connection, id) : work,
      );
      return c.redirect(`${policyPath(newsletter)}/replays/${id}`, 303);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const replays = await listReplays(context, newsletter.id);
      return showDesk(
        c,
        <ReplaysPage look={look} replays={replays} wrong={errorSaid(error, c.var.language).text} />,
        422,
      );
    }
  }

  app.get(`/${slug}/rules`, async (c) => {
    const look = await lookFor(c);
    const query = Object.fromEntries(Object.entries(c.req.query()).map(([name, value]) => [name, [value]]));
    return showDesk(
      c,
      <RulesPage
        look={look}
        policy={parsePolicy(look.newsletter.policy)}
        form={ruleFormOf(query)}
        base={look.newsletter.policy_version}
        notice={await savedNotice(look)}
        topics={await loadTaxonomy(context)}
      />,
    );
  });

  app.post(`/${slug}/rules`, async (c) => {
    const look = await lookFor(c, 'edit');
    const { say, newsletter } = look;
    const posted = await formOf(c);
    const stored = newsletter.policy as Record<string, unknown>;
    const policy = parsePolicy(stored);
    const form = ruleFormOf(posted);
    const topics = await loadTaxonomy(context);
    const remove = /^\d{1,3}$/.test(posted.remove?.[0] ?? '') ? Number(posted.remove?.[0]) : undefined;
    const page = (more: Partial<Parameters<typeof RulesPage>[0]>, status: 200 | 409 | 422) =>
      showDesk(
        c,
        <RulesPage
          look={look}
          policy={policy}
          form={form}
          base={newsletter.policy_version}
          topics={topics}
          {...more}
        />,
        status,
      );
    const meanwhile = async () => {
      const theirs = await lookFor(c, 'edit');
      const { policy_version: base, policy: saved } = theirs.newsletter;
      return page(
        {
          look: theirs,
          policy: parsePolicy(saved),
          base,
          wrong: { '': say('changedMeanwhile', { version: String(base) }) },
        },
        409,
      );
    };
    // A place in the list means another rule when the list has changed.
    if (isStale(posted.base?.[0], newsletter) && (remove !== undefined || posted.step?.[0] === 'save'))
      return meanwhile();
    const asked = remove === undefined ? ruleOfForm(form, say) : { rule: policy.rules[remove] };
    if ('wrong' in asked) return page({ wrong: asked.wrong }, 422);
    if (!asked.rule) throw new HTTPException(404);
    const rules =
      remove === undefined
        ? [...policy.rules, asked.rule]
        : policy.rules.filter((_, place) => place !== remove);
    const changed = policyOfJson(JSON.stringify({ ...stored, rules }), say);
    if ('wrong' in changed) return page({ wrong: { '': Object.values(changed.wrong)[0] ?? '' } }, 422);
    if (posted.step?.[0] !== 'save')
      return page(
        {
          change: {
            effect: await effectOf(look, changed.policy, say(remove === undefined ? 'adding' : 'removing')),
            remove,
          },
        },
        200,
      );
    return (
      (await save(look, changed.document, asked.rule.because ?? '', rulesPath(newsletter))) ?? meanwhile()
    );
  });
  return app;
}
