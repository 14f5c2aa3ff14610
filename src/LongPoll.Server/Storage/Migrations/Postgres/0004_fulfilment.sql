-- What the order view says of each ticket. It stands with the order because every reader of the order shows it.
alter table orders add column ticket_list jsonb;

-- Tickets that were issued. The code of a ticket is not stored: it follows from order and number, and is signed.
create table tickets (
    order_id    uuid not null,
    line        int not null,
    unit        int not null,
    number      int not null,
    item        text not null,
    seat        text,
    ticket_path text,
    external_id text,
    issued_at   timestamptz not null,
    admitted_at timestamptz,
    voided_at   timestamptz,
    primary key (order_id, line, unit)
);

-- Mails that went out, or that nobody is to get any more: once per order and kind.
create table mails (
    order_id   uuid not null,
    kind       text not null,
    message_id text not null,
    outcome    text not null check (outcome in ('sent', 'refused', 'dropped')),
    at         timestamptz not null,
    primary key (order_id, kind)
);

-- With which order an address was welcomed: once per address, however many sets of contact details it has.
alter table customers add column welcome_order_id uuid;
create unique index customers_welcomed on customers (email) where welcome_order_id is not null and erased_at is null;
update customers c set welcome_order_id = first.order_id
from (select distinct on (k.email) k.customer_id, o.order_id
      from customers k join orders o using (customer_id)
      where o.payment_status = 'completed' and k.erased_at is null
      order by k.email, o.created_at) first
where c.customer_id = first.customer_id;

-- Each kind of promise has a worker of its own.
create index outbox_lane on outbox (kind, due_at) where done_at is null and buried_at is null;
drop index outbox_due;
