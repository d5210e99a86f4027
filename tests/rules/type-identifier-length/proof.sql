SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'the_total_amount_of_this_order_including_taxes_and_shipping_in_c');
