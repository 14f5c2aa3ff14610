-- A settlement writes one row each of seven tables; what it costs is the indexes and checks on the way.

-- The index over two columns that every settlement changes made each update write all indexes of the order anew. Every
-- version has its line in the audit log: that line remembers now whether the version was announced. Nodes of the version
-- before still look at announced_version, so it is kept up to date at the write itself and they find nothing owed.
alter table order_events add column announced boolean not null default false;
update order_events e set announced = true from orders o where o.order_id = e.order_id and e.version <= o.announced_version;
create index order_events_owed on order_events (at) where not announced;
drop index orders_owed;
update orders set announced_version = version where announced_version < version;

-- Which attempts are asked about stands in ask_at alone: an index that also names the state is written anew when it changes.
drop index payment_attempts_ask;
update payment_attempts set ask_at = null where state = 'paid';
create index payment_attempts_ask on payment_attempts (ask_at) where ask_at is not null;

-- Room for the next version of a row on its own page, so that the update touches no index at all.
alter table orders set (fillfactor = 70);
alter table payment_attempts set (fillfactor = 70);

-- One row per order: the order is the key. Nothing looks these rows up by an id of their own.
alter table payments drop constraint payments_pkey, drop constraint payments_order_id_key, add primary key (order_id);
alter table bookings drop constraint bookings_pkey, drop constraint bookings_order_id_key, add primary key (order_id);
alter table order_events drop constraint order_events_pkey, drop constraint order_events_order_id_version_key, add primary key (order_id, version);

-- These rows come from the statement that has just written their order; looking it up again for each of them proves nothing.
alter table payments drop constraint payments_order_id_fkey, drop constraint payments_attempt_id_fkey;
alter table bookings drop constraint bookings_order_id_fkey;
alter table order_events drop constraint order_events_order_id_fkey;
