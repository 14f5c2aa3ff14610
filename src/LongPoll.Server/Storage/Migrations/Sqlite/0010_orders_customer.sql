-- How many prompts a phone had lately is asked before each prompt, and read every attempt there was.
create index orders_customer on orders (customer_id);
