-- When to ask the provider about an attempt that is silent, or that ended unpaid; null when there is nothing left to ask.
alter table payment_attempts add column ask_at timestamptz;
create index payment_attempts_ask on payment_attempts (ask_at) where ask_at is not null and state <> 'paid';

-- Somebody with the right secret claimed another amount without proof.
alter table payment_attempts add column disputed boolean not null default false;

-- Who is asking the provider about this attempt right now; a node that dies while asking loses the lease.
alter table payment_attempts add column asking_until timestamptz;

-- What a person decided about money in the inbox.
alter table money_inbox add column state text not null default 'open' check (state in ('open', 'attached', 'dismissed'));
alter table money_inbox add column reason text;
alter table money_inbox add column decided_at timestamptz;
create index money_inbox_open on money_inbox (received_at) where state = 'open';
