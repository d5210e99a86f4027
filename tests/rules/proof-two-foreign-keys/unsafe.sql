CREATE TABLE links (order_id bigint REFERENCES orders, customer_id bigint REFERENCES customers);
