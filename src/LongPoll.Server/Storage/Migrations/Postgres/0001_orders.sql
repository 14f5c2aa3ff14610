-- Instants are timestamptz in whole milliseconds; money is minor units and a currency; states are words.

create table customers (
    customer_id uuid primary key,
    email       text not null,
    first_name  text not null,
    last_name   text not null,
    country     text not null,
    phone       text not null,
    created_at  timestamptz not null,
    erased_at   timestamptz
);
-- One row for one set of contact details; a person who changes phone gets another, and the old orders keep theirs.
create unique index customers_contact on customers (email, phone, first_name, last_name, country) where erased_at is null;
create index customers_phone on customers (phone);

create table orders (
    order_id           uuid primary key,
    order_number       text not null unique,
    payment_status     text not null check (payment_status in ('pending', 'processing', 'completed', 'cancelled', 'failed', 'expired')),
    total_minor        bigint not null check (total_minor > 0),
    currency           text not null,
    refunded_minor     bigint not null default 0,
    provider           text not null,
    receipt            text,
    checkout_url       text,
    reason             text,
    safe_to_retry      boolean not null default false,
    booking_reference  text,
    fulfilment         text not null default 'none',
    version            bigint not null,
    announced_version  bigint not null default 0,
    current_attempt_id uuid not null,
    customer_id        uuid not null references customers,
    event              jsonb,
    items              jsonb not null,
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    expires_at         timestamptz not null
);
create index orders_owed on orders (updated_at) where announced_version < version;

create table payment_attempts (
    attempt_id         uuid primary key,
    order_id           uuid not null references orders,
    number             int not null,
    provider           text not null,
    state              text not null check (state in ('created', 'prompted', 'paid', 'cancelled', 'failed', 'expired', 'lapsed')),
    reference          text not null,
    provider_reference text,
    checkout_digest    text,
    amount_minor       bigint not null,
    currency           text not null,
    transaction_id     text,
    result_code        text,
    created_at         timestamptz not null,
    ended_at           timestamptz,
    unique (order_id, number),
    unique (provider, reference)
);
create index payment_attempts_provider_reference on payment_attempts (provider, provider_reference) where provider_reference is not null;
create index payment_attempts_checkout_digest on payment_attempts (provider, checkout_digest) where checkout_digest is not null;

-- Money that arrived and was believed: once per transaction, once per order.
create table payments (
    payment_id     uuid primary key,
    order_id       uuid not null unique references orders,
    attempt_id     uuid not null references payment_attempts,
    provider       text not null,
    transaction_id text not null,
    amount_minor   bigint not null,
    currency       text not null,
    received_at    timestamptz not null,
    unique (provider, transaction_id)
);

create table bookings (
    booking_id        uuid primary key,
    order_id          uuid not null unique references orders,
    provider          text not null,
    transaction_id    text not null,
    booking_reference text not null,
    created_at        timestamptz not null,
    unique (provider, transaction_id)
);

-- Every callback that passed its secret, as it came.
create table callbacks (
    callback_id        uuid primary key,
    provider           text not null,
    received_at        timestamptz not null,
    body               bytea not null,
    result             text not null,
    order_id           uuid,
    attempt_id         uuid,
    reference          text,
    checkout_digest    text,
    provider_reference text
);
create index callbacks_unmatched on callbacks (received_at) where result = 'unmatched';
create index callbacks_order on callbacks (order_id);

create table outbox (
    message_id   uuid primary key,
    kind         text not null,
    key          text not null,
    order_id     uuid not null,
    subject_id   uuid not null,
    created_at   timestamptz not null,
    due_at       timestamptz not null,
    leased_until timestamptz,
    tries        int not null default 0,
    reason       text,
    done_at      timestamptz,
    buried_at    timestamptz
);
create index outbox_due on outbox (due_at) where done_at is null and buried_at is null;
-- The same promise stands open once.
create unique index outbox_open on outbox (key) where done_at is null and buried_at is null;

-- The audit log: every change of an order, and who brought it.
create table order_events (
    event_id      uuid primary key,
    order_id      uuid not null references orders,
    attempt_id    uuid not null,
    version       bigint not null,
    from_status   text,
    to_status     text not null,
    attempt_state text not null,
    source        text not null,
    code          text,
    at            timestamptz not null,
    unique (order_id, version)
);

-- Money that no order can take as it stands: a person decides.
create table money_inbox (
    entry_id       uuid primary key,
    order_id       uuid,
    attempt_id     uuid,
    provider       text not null,
    transaction_id text not null,
    amount_minor   bigint,
    currency       text,
    problem        text not null,
    received_at    timestamptz not null,
    unique (provider, transaction_id)
);

create table idempotency_keys (
    key         text primary key,
    body_digest text not null,
    order_id    uuid not null references orders,
    created_at  timestamptz not null
);
