-- Every version has its line in the audit log: that line remembers whether the version was announced.
alter table order_events add column announced integer not null default 0;
update order_events set announced = 1
where version <= (select o.announced_version from orders o where o.order_id = order_events.order_id);
create index order_events_owed on order_events (at) where not announced;
drop index orders_owed;

-- Which attempts are asked about stands in ask_at alone.
drop index payment_attempts_ask;
update payment_attempts set ask_at = null where state = 'paid';
create index payment_attempts_ask on payment_attempts (ask_at) where ask_at is not null;
