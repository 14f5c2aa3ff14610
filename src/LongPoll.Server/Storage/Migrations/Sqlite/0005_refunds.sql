-- Money that went back, once per refund. Where a provider tells sums, a row is what the sum grew by.
create table refunds (
    provider     text not null,
    refund_id    text not null,
    order_id     text not null,
    attempt_id   text not null,
    amount_minor integer not null,
    currency     text not null,
    in_all       integer not null,
    reason       text,
    at           integer not null,
    primary key (provider, refund_id)
);
create index refunds_order on refunds (order_id);

-- By what the news of a refund names its payment, for news that comes before the payment is known.
alter table callbacks add column transaction_id text;
