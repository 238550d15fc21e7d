import { domainToASCII } from 'node:url';
import type { Database } from '../db/connect.ts';
import { type Complaints, complaintDays, complaintsSince } from './rules.ts';

type Db = Database['db'];

/** The From lines of all newsletters, each once. */
export async function newsletterSenders(db: Db): Promise<{ name: string; address: string }[]> {
  const rows = await db
    .selectFrom('newsletters')
    .select(['from_name', 'from_address'])
    .distinct()
    .orderBy('from_address')
    .orderBy('from_name')
    .execute();
  return rows.map((row) => ({ name: row.from_name, address: row.from_address }));
}

/** The domain of an address as the DNS knows it. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return domainToASCII(domain) || domain;
}

/** How often readers called editions of the last weeks spam, as the editions' figures were counted last. */
export async function recentComplaints(db: Db, now: Date): Promise<Complaints> {
  const row = await db
    .selectFrom('edition_figures')
    .innerJoin('editions', 'editions.id', 'edition_figures.edition_id')
    .where('editions.sent_at', '>=', complaintsSince(now))
    .select((e) => [
      e.fn.sum<string>('accepted').as('accepted'),
      e.fn.sum<string>('complaints').as('complaints'),
    ])
    .executeTakeFirst();
  return {
    days: complaintDays,
    accepted: Number(row?.accepted ?? 0),
    complaints: Number(row?.complaints ?? 0),
  };
}
