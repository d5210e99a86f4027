CREATE TABLE links (order_id bigint REFERENCES orders, customer_id bigint);
ALTER TABLE links ADD FOREIGN KEY (customer_id) REFERENCES customers;
