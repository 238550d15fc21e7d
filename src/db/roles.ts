import { sql } from 'kysely';
import pg from 'pg';
import type { Context } from '../context.ts';

/** The roles that work with a database beside its owner. */
export interface RoleNames {
  /** As which `serve`, `worker` and commands run. */
  app: string;
  /** As which reports and dashboards read. */
  reports: string;
}

/** Lines that only grow: whoever runs as the app adds to them, and changes none. */
const appendOnly = ['consent_log', 'audit_log'];

/** What was decided and done, without addresses, secrets and settings. A new table is not among them until it is named here. */
const forReports = [
  'deliveries',
  'delivery_batches',
  'edition_figures',
  'edition_links',
  'edition_stories',
  'edition_subjects',
  'editions',
  'engagement',
  'engagement_counts',
  'lists',
  'newsletter_lists',
  'newsletters',
  'route_days',
  'segments',
  'stories',
  'storylines',
  'topics',
  'troubles',
];

const queueSchema = 'pgboss';

/**
 * SQL that makes two roles beside the owner of the tables, or brings their rights up to date: one for the program, which
 * reads and writes rows and owns nothing, and one that reads what holds no address. It may be run again at any time, by the
 * owner (or, where the roles are still to be made, by one who may make roles). Passwords are not set by it.
 */
export async function rolesSql({ db }: Pick<Context, 'db'>, { app, reports }: RoleNames): Promise<string> {
  const { rows } = await sql<{ owner: string; schema: string; database: string }>`
    select pg_get_userbyid(c.relowner) as owner, n.nspname as schema, current_database() as database
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = 'editions'::regclass`.execute(
    db,
  );
  const found = rows[0];
  if (!found) throw new Error('The database has no table editions.');
  const [owner, schema, database] = [found.owner, found.schema, found.database].map(pg.escapeIdentifier);
  const [ours, theirs] = [pg.escapeIdentifier(app), pg.escapeIdentifier(reports)];
  const make = (role: string, ...settings: string[]) => [
    `do $$ begin`,
    `  if not exists (select from pg_roles where rolname = ${pg.escapeLiteral(role)}) then`,
    `    create role ${pg.escapeIdentifier(role)} login;`,
    `  end if;`,
    // They belong to the database: one that was restored, or a second one, has none of them yet.
    ...(settings.length > 0 ? ['  begin'] : []),
    ...settings.map(
      (setting) => `    alter role ${pg.escapeIdentifier(role)} in database ${database} set ${setting};`,
    ),
    ...(settings.length > 0
      ? [
          `  exception when insufficient_privilege then`,
          `    raise warning 'The settings of role % are for one who may make roles: run this as such a one, too.', ${pg.escapeLiteral(role)};`,
          `  end;`,
        ]
      : []),
    `end $$;`,
  ];
  const rightsIn = (where: string) => [
    `grant usage on schema ${where} to ${ours};`,
    `grant select, insert, update, delete on all tables in schema ${where} to ${ours};`,
    `grant usage, select on all sequences in schema ${where} to ${ours};`,
    `grant execute on all functions in schema ${where} to ${ours};`,
    `alter default privileges for role ${owner} in schema ${where} grant select, insert, update, delete on tables to ${ours};`,
    `alter default privileges for role ${owner} in schema ${where} grant usage, select on sequences to ${ours};`,
    `alter default privileges for role ${owner} in schema ${where} grant execute on functions to ${ours};`,
  ];
  return [
    '-- The roles. Give them passwords yourself: alter role ... password ...',
    ...make(app),
    ...make(reports, 'default_transaction_read_only = on', "statement_timeout = '60s'"),
    '',
    '-- Nobody else comes in, and only the owner makes anything.',
    `revoke all on database ${database} from public;`,
    `revoke all on schema ${schema} from public;`,
    `grant connect on database ${database} to ${ours}, ${theirs};`,
    '-- An import keeps its rows in a temporary table.',
    `grant temporary on database ${database} to ${ours};`,
    '',
    '-- The program: rows of all tables, its own and the job queue’s.',
    ...rightsIn(schema ?? ''),
    ...rightsIn(queueSchema),
    '-- But neither the list of migrations nor what the logs say.',
    `revoke insert, update, delete on ${schema}.kysely_migration, ${schema}.kysely_migration_lock from ${ours};`,
    `revoke update, delete on ${appendOnly.map((table) => `${schema}.${table}`).join(', ')} from ${ours};`,
    '-- Functions that do what else only the owner may are for the program alone.',
    `revoke execute on all functions in schema ${schema} from public;`,
    '',
    '-- Reports: what was decided and done, without addresses, secrets and settings.',
    `grant usage on schema ${schema} to ${theirs};`,
    `revoke all on all tables in schema ${schema} from ${theirs};`,
    `grant select on ${forReports.map((table) => `${schema}.${table}`).join(', ')} to ${theirs};`,
    '',
  ].join('\n');
}
