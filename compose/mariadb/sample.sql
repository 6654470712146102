-- The sample data set: a small shop for outdoor gear, two years of orders, ending on 2026-10-31.
-- Deterministic: every value is drawn from an md5 of its own name, so each start gives the same rows.
-- It is read by a server that starts for it alone, which takes each statement up to its semicolon.

create table customers (
    id           uuid primary key,
    name         varchar(100) not null,
    email        varchar(100) not null unique,
    country      char(2) not null comment 'ISO 3166-1 alpha-2',
    joined       date not null,
    newsletter   boolean not null,
    preferences  json not null
) engine = InnoDB;

create table products (
    id        integer primary key,
    sku       varchar(20) not null unique,
    name      varchar(100) not null,
    category  varchar(20) not null,
    price     decimal(12, 2) not null comment 'List price in euro'
) engine = InnoDB;

create table orders (
    id           bigint primary key,
    customer_id  uuid not null,
    ordered_at   datetime(6) not null comment 'In UTC',
    shipped_on   date,
    status       enum('delivered', 'open', 'returned', 'cancelled') not null,
    note         text,
    foreign key (customer_id) references customers (id)
) engine = InnoDB;

create table order_items (
    order_id    bigint not null,
    line        smallint not null,
    product_id  integer not null,
    quantity    integer not null,
    unit_price  decimal(12, 2) not null,
    primary key (order_id, line),
    foreign key (order_id) references orders (id),
    foreign key (product_id) references products (id)
) engine = InnoDB;

insert into customers
select
    insert(insert(md5(concat('customer ', seq)), 13, 1, '4'), 17, 1, '8'),
    concat(
        elt(1 + conv(left(md5(concat('first ', seq)), 6), 16, 10) % 8,
            'Zoë', 'Søren', 'Łucja', 'José', 'Jürgen', 'Олена', '陽子', 'Noor'),
        ' ',
        elt(1 + conv(left(md5(concat('last ', seq)), 6), 16, 10) % 7,
            'Müller', 'Østergård', 'García', 'O''Brien', 'Dvořák', 'Шевченко', '佐藤')
    ),
    concat('customer', lpad(seq, 3, '0'), '@example.org'),
    elt(1 + conv(left(md5(concat('country ', seq)), 6), 16, 10) % 6, 'DE', 'DK', 'PL', 'ES', 'UA', 'JP'),
    date '2023-01-01' + interval conv(left(md5(concat('joined ', seq)), 6), 16, 10) % 660 day,
    conv(left(md5(concat('newsletter ', seq)), 6), 16, 10) % 3 = 0,
    json_object('size', elt(1 + conv(left(md5(concat('size ', seq)), 6), 16, 10) % 4, 'S', 'M', 'L', 'XL'),
                'emoji', '🏔️')
from seq_1_to_200;

insert into products
select
    seq,
    concat('P-', lpad(seq, 4, '0')),
    concat(elt(1 + (seq - 1) % 4, 'Tent', 'Rucksack', 'Stove', 'Rope'), ' ',
           elt(1 + (seq - 1) div 4, 'Ötztal', 'Jämtland', 'Tatry', 'Åre', '富士', 'Pirineo')),
    elt(1 + (seq - 1) % 4, 'tents', 'packs', 'cooking', 'climbing'),
    round(35 + 7.25 * seq + conv(left(md5(concat('cents ', seq)), 6), 16, 10) % 100 / 100, 2)
from seq_1_to_24;

insert into orders
select
    100000 + seq,
    insert(insert(md5(concat('customer ', 1 + conv(left(md5(concat('who ', seq)), 6), 16, 10) % 200)), 13, 1, '4'),
           17, 1, '8'),
    timestamp '2024-11-01 00:00:00'
        + interval conv(left(md5(concat('day ', seq)), 6), 16, 10) % 730 day
        + interval conv(left(md5(concat('micro ', seq)), 9), 16, 10) microsecond,
    if(conv(left(md5(concat('status ', seq)), 6), 16, 10) % 10 < 8,
       date '2024-11-02' + interval conv(left(md5(concat('day ', seq)), 6), 16, 10) % 730 day, null),
    elt(1 + greatest(conv(left(md5(concat('status ', seq)), 6), 16, 10) % 10 - 6, 0),
        'delivered', 'returned', 'open', 'cancelled'),
    elt(1 + conv(left(md5(concat('note ', seq)), 6), 16, 10) % 12,
        'Bitte beim Nachbarn abgeben', 'cadeau 🎁, sans facture', 'ring twice — the bell is broken')
from seq_1_to_1000;

insert into order_items
select
    orders.id,
    items.seq,
    products.id,
    1 + conv(left(md5(concat('quantity ', orders.id, ' ', items.seq)), 6), 16, 10) % 3,
    products.price
from orders
join seq_1_to_3 as items on items.seq <= 1 + conv(left(md5(concat('lines ', orders.id)), 6), 16, 10) % 3
join products
    on products.id = 1 + (conv(left(md5(concat('product ', orders.id)), 6), 16, 10) + 5 * items.seq) % 24;
