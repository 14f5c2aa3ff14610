-- When to ask the provider about an attempt that is silent, or that ended unpaid; null when there is nothing left to ask.
alter table payment_attempts add column ask_at timestamptz;
create index payment_attempts_ask on payment_attempts (ask_at) where ask_at is not null and state <> 'paid';

-- What a person decided about money in the inbox.
alter table money_inbox add column state text not null default 'open' check (state in ('open', 'attached', 'dismissed'));
alter table money_inbox add column reason text;
alter table money_inbox add column decided_at timestamptz;
create index money_inbox_open on money_inbox (received_at) where state = 'open';
