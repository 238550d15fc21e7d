import { type Kysely, sql } from 'kysely';

/** Who may use the editors' desk, how they come in, and what they did there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop table audit_log, login_steps, user_sessions, user_recovery_codes, user_identities, user_roles, users;
       drop function audit_log_append_only`,
    )
    .execute(db);
}

const statements = [
  `create table users (
     id bigint generated always as identity primary key,
     email text not null,
     -- By which two spellings of one address are the same.
     email_key text not null unique,
     name text not null default '',
     -- What they may do everywhere. Null: what user_roles says, and nothing else.
     role text check (role in ('viewer', 'editor', 'admin')),
     -- The language of their desk; null: what the browser asks for.
     locale text,
     -- A PHC string: algorithm, parameters, salt and hash.
     password text,
     password_set_at timestamptz,
     -- Sealed with a key of the installation.
     totp_secret bytea,
     -- Null: it is being set up, and nobody is asked for a code yet.
     totp_since timestamptz,
     -- The time step of the last code that was taken; none up to it is taken again.
     totp_last_step bigint,
     created_at timestamptz not null,
     last_login_at timestamptz,
     disabled_at timestamptz
   )`,
  `create table user_roles (
     user_id bigint not null references users (id) on delete cascade,
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     role text not null check (role in ('viewer', 'editor', 'admin')),
     primary key (user_id, newsletter_id)
   )`,
  `create index user_roles_newsletter on user_roles (newsletter_id)`,
  // Who someone is at an OpenID provider.
  `create table user_identities (
     issuer text not null,
     subject text not null,
     user_id bigint not null references users (id) on delete cascade,
     created_at timestamptz not null,
     primary key (issuer, subject)
   )`,
  `create index user_identities_user on user_identities (user_id)`,
  // Each is deleted when it is used.
  `create table user_recovery_codes (
     user_id bigint not null references users (id) on delete cascade,
     code_hash bytea not null,
     primary key (user_id, code_hash)
   )`,
  `create table user_sessions (
     id bigint generated always as identity primary key,
     user_id bigint not null references users (id) on delete cascade,
     token_hash bytea not null unique,
     how text not null check (how in ('link', 'password', 'oidc', 'cli')),
     ip text,
     user_agent text,
     created_at timestamptz not null,
     last_seen_at timestamptz not null,
     -- When they last showed who they are.
     proven_at timestamptz not null,
     revoked_at timestamptz
   )`,
  `create index user_sessions_user on user_sessions (user_id)`,
  `create index user_sessions_seen on user_sessions (last_seen_at)`,
  // What a login is in the middle of. Each is deleted when it is used.
  `create table login_steps (
     token_hash bytea primary key,
     -- link: a mailed link; code: the second factor is still to come; oidc: on the way to the provider and back.
     kind text not null check (kind in ('link', 'code', 'oidc')),
     user_id bigint references users (id) on delete cascade,
     data jsonb not null default '{}',
     expires_at timestamptz not null
   )`,
  `create index login_steps_expires on login_steps (expires_at)`,
  `create index login_steps_user on login_steps (user_id)`,

  // Lines are added, and never changed or deleted. They name users by what they were called then, and outlive them.
  `create table audit_log (
     id bigint generated always as identity primary key,
     at timestamptz not null,
     -- Null: nobody who is logged in, such as someone who failed to, or the command line.
     user_id bigint,
     user_email text,
     act text not null check (act ~ '^[a-z][a-z0-9.-]*$'),
     newsletter_id bigint,
     edition_id bigint,
     -- What it was done to, in a few words.
     subject text,
     details jsonb not null default '{}',
     ip text
   )`,
  `create index audit_log_user on audit_log (user_id, id)`,
  `create index audit_log_edition on audit_log (edition_id, id) where edition_id is not null`,
  `create index audit_log_newsletter on audit_log (newsletter_id, id) where newsletter_id is not null`,
  `create index audit_log_act on audit_log (act text_pattern_ops, id)`,
  `create function audit_log_append_only() returns trigger language plpgsql as $$
   begin
     raise exception 'The audit log is append-only: % is refused.', lower(tg_op) using errcode = 'restrict_violation';
   end $$`,
  `create trigger audit_log_append_only before update or delete on audit_log
     for each row execute function audit_log_append_only()`,
  `create trigger audit_log_not_emptied before truncate on audit_log
     for each statement execute function audit_log_append_only()`,
];
