CREATE TABLE coupons (
    code text PRIMARY KEY,
    percent integer NOT NULL CHECK (percent BETWEEN 1 AND 90),
    valid_until date NOT NULL
);
INSERT INTO coupons (code, percent, valid_until) VALUES ('WELCOME', 10, '2099-12-31');
