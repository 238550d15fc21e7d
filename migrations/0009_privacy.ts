import { type Kysely, sql } from 'kysely';

/** Consent that can be proven and not be changed, asking the long inactive to stay, and what forgetting people needs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // What people read when they agreed, each wording once.
  `create table consent_wordings (
     version text primary key,
     language text not null,
     text text not null,
     first_used_at timestamptz not null
   )`,
  `alter table consent_log
     -- The page on which it was done, without tokens.
     add column page text,
     -- A version of consent_wordings.
     add column wording text`,
  // The wording of the mail that asked for the confirmation.
  `alter table subscriptions add column confirmation_wording text`,

  // Lines are added. They are never changed or deleted, except to forget: by the four functions below and nothing else.
  `create function consent_log_append_only() returns trigger language plpgsql as $$
   begin
     if tg_op = 'TRUNCATE' or coalesce(current_setting('broadsheet.forgetting', true), '') <> 'yes' then
       raise exception 'The consent log is append-only: % is refused.', lower(tg_op)
         using errcode = 'restrict_violation',
               hint = 'People are forgotten by erasure and retention, through the functions consent_log_forget_...';
     end if;
     if tg_op = 'DELETE' then return old; end if;
     if (new.id, new.email_hash, new.list_id, new.act, new.at, new.via)
        is distinct from (old.id, old.email_hash, old.list_id, old.act, old.at, old.via) then
       raise exception 'What a line of the consent log says stays as it is.' using errcode = 'restrict_violation';
     end if;
     return new;
   end $$`,
  `create trigger consent_log_append_only before update or delete on consent_log
     for each row execute function consent_log_append_only()`,
  `create trigger consent_log_not_emptied before truncate on consent_log
     for each statement execute function consent_log_append_only()`,

  // Erasure: that and when consent was given or taken back stays with a hash; where, from which machine and in what words goes.
  `create function consent_log_forget_person(person bytea) returns bigint language plpgsql as $$
   declare lines bigint;
   begin
     perform set_config('broadsheet.forgetting', 'yes', true);
     update consent_log set ip = null, page = null, evidence = '{}' where email_hash = person;
     get diagnostics lines = row_count;
     perform set_config('broadsheet.forgetting', '', true);
     return lines;
   end $$`,
  // Retention: takes machines' addresses out of lines from before an instant, so many lines at a time.
  `create function consent_log_forget_machines(before timestamptz, most integer) returns bigint language plpgsql as $$
   declare lines bigint;
   begin
     perform set_config('broadsheet.forgetting', 'yes', true);
     update consent_log set ip = null, evidence = evidence - 'forwardedFor'
     where id in (select id from consent_log where ip is not null and at < before order by at limit most);
     get diagnostics lines = row_count;
     perform set_config('broadsheet.forgetting', '', true);
     return lines;
   end $$`,
  // Retention: deletes lines of people who were erased before an instant, so many lines at a time.
  `create function consent_log_forget_erased(before timestamptz, most integer) returns bigint language plpgsql as $$
   declare lines bigint;
   begin
     perform set_config('broadsheet.forgetting', 'yes', true);
     delete from consent_log where id in (
       select consent_log.id from suppressions join consent_log using (email_hash)
       where suppressions.reason = 'erasure' and suppressions.list_id is null and suppressions.created_at < before
         and not exists (select from subscribers where subscribers.email_hash = suppressions.email_hash)
       limit most);
     get diagnostics lines = row_count;
     perform set_config('broadsheet.forgetting', '', true);
     return lines;
   end $$`,
  // Retention: deletes the wishes for a list that these people never confirmed.
  `create function consent_log_forget_requests(list bigint, people bytea[]) returns bigint language plpgsql as $$
   declare lines bigint;
   begin
     perform set_config('broadsheet.forgetting', 'yes', true);
     delete from consent_log as line
     where email_hash = any(people) and list_id = list and act = 'requested'
       and not exists (
         select from consent_log as later
         where later.email_hash = line.email_hash and later.list_id = list and later.id > line.id and later.act <> 'requested');
     get diagnostics lines = row_count;
     perform set_config('broadsheet.forgetting', '', true);
     return lines;
   end $$`,
  `create index consent_log_machines on consent_log (at) where ip is not null`,
  `create index feedback_events_address on feedback_events (email_hash) where email_hash is not null`,
  `create index subscriptions_pending on subscriptions (updated_at) where state = 'pending'`,

  `alter table lists
     -- Who has done nothing for so many days is asked each night whether to stay; null: nobody is.
     add column sunset_days integer check (sunset_days > 0),
     -- And leaves the list after so many days without an answer.
     add column sunset_grace_days integer not null default 14 check (sunset_grace_days > 0)`,
  // The last time that someone was asked to stay.
  `create table sunset_asks (
     list_id bigint not null references lists (id) on delete cascade,
     subscriber_id bigint not null references subscribers (id) on delete cascade,
     found_at timestamptz not null,
     -- Null: the mail is still to be sent.
     asked_at timestamptz,
     answer_by timestamptz,
     -- stayed: they said so; active: they opened or clicked; left: no answer; gone: left otherwise, or must not be mailed.
     outcome text check (outcome in ('stayed', 'active', 'left', 'gone')),
     settled_at timestamptz,
     primary key (list_id, subscriber_id)
   )`,
  `create index sunset_asks_subscriber on sunset_asks (subscriber_id)`,
  `create index sunset_asks_open on sunset_asks (list_id, answer_by) where outcome is null`,

  // Who left by mail or a provider's webhook, and has not been told yet.
  `create table goodbyes_due (
     subscriber_id bigint not null references subscribers (id) on delete cascade,
     list_id bigint not null references lists (id) on delete cascade,
     since timestamptz not null,
     primary key (subscriber_id, list_id)
   )`,
];

const undone = [
  `drop table goodbyes_due, sunset_asks`,
  `alter table lists drop column sunset_days, drop column sunset_grace_days`,
  `drop index subscriptions_pending, feedback_events_address, consent_log_machines`,
  `drop trigger consent_log_not_emptied on consent_log`,
  `drop trigger consent_log_append_only on consent_log`,
  `drop function consent_log_forget_requests, consent_log_forget_erased, consent_log_forget_machines,
     consent_log_forget_person, consent_log_append_only`,
  `alter table subscriptions drop column confirmation_wording`,
  `alter table consent_log drop column page, drop column wording`,
  `drop table consent_wordings`,
];
