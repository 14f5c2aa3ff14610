-- Links that ask for one payment. That a link is paid follows from its orders: the job that closes links notes it here only to be done with them.
create table payment_links (
    link_id      uuid primary key,
    short_code   text not null unique,
    amount_minor bigint not null check (amount_minor > 0),
    currency     text not null,
    description  text not null,
    provider     text not null,
    state        text not null check (state in ('draft', 'open', 'paid', 'expired', 'canceled')),
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    expires_at   timestamptz not null
);
create index payment_links_open on payment_links (expires_at) where state = 'open';

-- What became of a link, besides what the events of its orders tell.
create table payment_link_events (
    link_id uuid not null,
    n       int not null,
    type    text not null,
    at      timestamptz not null,
    primary key (link_id, n)
);

-- The orders of a link, in their order.
alter table orders add column link_id uuid, add column link_number int;
create unique index orders_link on orders (link_id, link_number) where link_id is not null;

-- A link is paid once, whichever of its orders the money comes for.
alter table payments add column link_id uuid;
create unique index payments_link on payments (link_id) where link_id is not null;
