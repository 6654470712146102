-- The sample data set: a small shop for outdoor gear, two years of orders, ending on 2026-10-31.
-- Deterministic: every value follows from its number, so each start and each version give the same rows.

create table customers (
    id          integer primary key,
    name        varchar(100) not null,
    email       varchar(100) not null unique,
    country     char(2) not null,
    joined      date not null,
    newsletter  boolean not null
);

create table products (
    id        integer primary key,
    sku       varchar(20) not null unique,
    name      varchar(100) not null,
    category  varchar(20) not null,
    price     decimal(12, 2) not null
);

create table orders (
    id           bigint primary key,
    customer_id  integer not null references customers,
    ordered_at   timestamp not null,
    shipped_on   date,
    status       varchar(10) not null,
    note         blob sub_type text
);

create table order_items (
    order_id    bigint not null references orders,
    line        smallint not null,
    product_id  integer not null references products,
    quantity    integer not null,
    unit_price  decimal(12, 2) not null,
    primary key (order_id, line)
);

commit;

set term ^ ;

execute block as
declare n integer = 1;
begin
    while (n <= 100) do
    begin
        insert into customers values (
            :n,
            decode(mod(:n, 5), 0, 'Zoë Müller', 1, 'Søren Østergård', 2, 'Łucja Dvořák', 3, 'Олена Шевченко', '陽子 佐藤'),
            'customer' || lpad(:n, 3, '0') || '@example.org',
            decode(mod(:n, 5), 0, 'DE', 1, 'DK', 2, 'PL', 3, 'UA', 'JP'),
            dateadd(mod(:n * 37, 660) day to date '2023-01-01'),
            mod(:n, 3) = 0
        );
        n = n + 1;
    end
    n = 1;
    while (n <= 24) do
    begin
        insert into products values (
            :n,
            'P-' || lpad(:n, 4, '0'),
            decode(mod(:n, 4), 0, 'Tent', 1, 'Rucksack', 2, 'Stove', 'Rope') || ' '
                || decode(mod(:n / 4, 4), 0, 'Ötztal', 1, 'Jämtland', 2, 'Åre', '富士'),
            decode(mod(:n, 4), 0, 'tents', 1, 'packs', 2, 'cooking', 'climbing'),
            35 + :n * 7.25
        );
        n = n + 1;
    end
    n = 1;
    while (n <= 500) do
    begin
        insert into orders values (
            100000 + :n,
            1 + mod(:n * 61, 100),
            dateadd(mod(:n * 7919, 86400) second to dateadd(mod(:n * 271, 730) day to timestamp '2024-11-01 00:00:00')),
            iif(mod(:n, 7) > 1, dateadd(mod(:n * 271, 730) + 1 day to date '2024-11-01'), null),
            decode(mod(:n, 7), 0, 'cancelled', 1, 'open', 2, 'returned', 'delivered'),
            iif(mod(:n, 9) = 0, 'ring twice — the bell is broken', null)
        );
        insert into order_items
        select 100000 + :n, 1, id, 1 + mod(:n, 3), price from products where id = 1 + mod(:n * 5, 24);
        insert into order_items
        select 100000 + :n, 2, id, 1, price from products where id = 1 + mod(:n * 5 + 7, 24) and mod(:n, 2) = 0;
        n = n + 1;
    end
end^

set term ; ^

commit;
