-- A prepared statement keeps its plan, and that may have been made while the tables were empty and every index looked alike. So each
-- question has one index that leads with what is asked for, and none leads with the provider, which half of all rows share.
-- The strongest lock first, so that nobody is in the way of a stronger one later: while the indexes are built, payments wait.
alter table payment_attempts drop constraint payment_attempts_provider_reference_key;
drop index payment_attempts_provider_reference;
drop index payment_attempts_checkout_digest;
create unique index payment_attempts_reference on payment_attempts (reference, provider);
create index payment_attempts_provider_reference on payment_attempts (provider_reference, provider) where provider_reference is not null;
create index payment_attempts_checkout_digest on payment_attempts (checkout_digest, provider) where checkout_digest is not null;

-- How many prompts a phone had lately is asked before each prompt, and read every attempt there was.
create index orders_customer on orders (customer_id);
