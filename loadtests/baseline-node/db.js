import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

export async function createSchema() {
  await pool.query(`
    create table if not exists orders (
      id                  uuid primary key,
      order_number        text not null unique,
      payment_status      text not null,
      status              text not null,
      total_amount        numeric(12, 2) not null,
      currency            text not null,
      customer            jsonb not null,
      items               jsonb not null,
      checkout_request_id text,
      receipt             text,
      created_at          timestamptz not null default now(),
      updated_at          timestamptz not null default now()
    )`);
}
