-- The sample data set: a small shop for outdoor gear, two years of orders, ending on 2026-10-31.
-- Deterministic: every value is drawn from an md5 of its own name, so each start gives the same rows.

set session authorization solvent;
begin;

-- A number from 0 to below - 1, always the same one for the same seed.
create function pg_temp.draw(seed text, below integer) returns integer language sql immutable as $$
    select ((('x' || substr(md5(seed), 1, 8))::bit(32)::bigint) % below)::integer
$$;

-- A version 4 UUID whose random bits are the md5 of the seed.
create function pg_temp.identity(seed text) returns uuid language sql immutable as $$
    select overlay(overlay(md5(seed) placing '4' from 13) placing '8' from 17)::uuid
$$;

create table customers (
    id           uuid primary key,
    name         text not null,
    email        text not null unique,
    city         text not null,
    country      char(2) not null,
    joined       date not null,
    newsletter   boolean not null,
    preferences  jsonb not null
);
comment on table customers is 'Who orders; names and cities in their own spelling';
comment on column customers.country is 'ISO 3166-1 alpha-2';

create table products (
    id          integer primary key,
    sku         text not null unique,
    name        text not null,
    category    text not null,
    price       numeric(12, 2) not null check (price > 0),
    attributes  jsonb not null,
    launched    date not null
);
comment on column products.price is 'List price in euro';

create table orders (
    id           bigint primary key,
    customer_id  uuid not null references customers,
    ordered_at   timestamptz not null,
    shipped_on   date,
    status       text not null check (status in ('delivered', 'shipped', 'open', 'returned', 'cancelled')),
    discount     numeric(4, 3) not null check (discount between 0 and 1),
    note         text
);
comment on column orders.discount is 'Share of the list price that was taken off';

create table order_items (
    order_id    bigint not null references orders,
    line        smallint not null,
    product_id  integer not null references products,
    quantity    integer not null check (quantity > 0),
    unit_price  numeric(12, 2) not null,
    primary key (order_id, line)
);
comment on column order_items.unit_price is 'Price paid for one, in euro, after the discount';

insert into customers
with places (place, city, country) as (
    select row_number() over () - 1, city, country from (values
        ('München', 'DE'), ('Köln', 'DE'), ('Zürich', 'CH'), ('Łódź', 'PL'), ('Kraków', 'PL'),
        ('Málaga', 'ES'), ('São Paulo', 'BR'), ('Göteborg', 'SE'), ('Århus', 'DK'), ('Reykjavík', 'IS'),
        ('Αθήνα', 'GR'), ('Київ', 'UA'), ('東京', 'JP'), ('札幌', 'JP'), ('Montréal', 'CA'), ('Nîmes', 'FR')
    ) as listed (city, country)
), firsts (first) as (
    select array['Zoë', 'Søren', 'Łucja', 'José', 'Ana', 'Jürgen', 'Élodie', 'Δήμητρα', 'Олена', '陽子',
                 'Mei', 'Noor', 'Björk', 'Tomáš', 'Aoife', 'Paulo', 'Ingrid', 'Ravi', 'Leïla', 'Chloé']
), lasts (last) as (
    select array['Müller', 'Østergård', 'Wiśniewska', 'García', 'O''Brien', 'Lindqvist', 'Dvořák', 'Παππάς',
                 'Шевченко', '佐藤', 'de Souza', 'Lefèvre', 'Þórsdóttir', 'Núñez', 'Weiß', 'Patel', 'Tanaka']
)
select
    pg_temp.identity('customer ' || n),
    first[1 + pg_temp.draw('first ' || n, 20)] || ' ' || last[1 + pg_temp.draw('last ' || n, 17)],
    'customer' || lpad(n::text, 3, '0') || '@example.org',
    city,
    country,
    date '2023-01-01' + pg_temp.draw('joined ' || n, 660),
    pg_temp.draw('newsletter ' || n, 3) = 0,
    jsonb_build_object(
        'interests', (select jsonb_agg(distinct interest) from unnest(array[
            (array['hiking', 'climbing', 'cycling', 'skiing'])[1 + pg_temp.draw('interest a ' || n, 4)],
            (array['camping', 'running', 'paddling', '🏔️'])[1 + pg_temp.draw('interest b ' || n, 4)]
        ]) as interest),
        'size', (array['S', 'M', 'L', 'XL'])[1 + pg_temp.draw('size ' || n, 4)]
    )
from generate_series(1, 400) as n
cross join firsts
cross join lasts
join places on place = pg_temp.draw('place ' || n, 16);

insert into products
with kinds (category, thing, base) as (values
    ('tents', 'Tent', 189.00), ('sleeping', 'Sleeping bag', 119.00), ('packs', 'Rucksack', 89.50),
    ('cooking', 'Stove', 54.90), ('clothing', 'Jacket', 139.00), ('footwear', 'Boots', 164.95),
    ('climbing', 'Rope', 99.00), ('light', 'Head torch', 34.99)
), models (place, model) as (values
    (1, 'Ötztal'), (2, 'Jämtland'), (3, 'Tatry'), (4, 'Pirineo'), (5, 'Åre'), (6, '富士')
), numbered as (
    select (row_number() over (order by category, place))::integer as n, * from kinds cross join models
)
select
    n,
    upper(left(category, 3)) || '-' || lpad(n::text, 4, '0'),
    thing || ' ' || model,
    category,
    round(base * (0.70 + 0.25 * place) + pg_temp.draw('cents ' || n, 100) / 100.0, 2),
    jsonb_build_object(
        'grams', 150 + pg_temp.draw('grams ' || n, 2600),
        'colour', (array['green', 'red', 'blue', 'anthracite'])[1 + pg_temp.draw('colour ' || n, 4)],
        'recycled', pg_temp.draw('recycled ' || n, 2) = 0
    ),
    date '2022-03-01' + 90 * pg_temp.draw('launched ' || n, 9)
from numbered;

-- Two orders in three fall into the half year from April on; no order is older than its customer.
insert into orders
with days as (
    select
        n,
        case when pg_temp.draw('season ' || n, 3) > 0
            then date '2025-04-01' + 365 * pg_temp.draw('year ' || n, 2) + pg_temp.draw('day ' || n, 183)
            else date '2024-11-01' + pg_temp.draw('day ' || n, 730)
        end as day
    from generate_series(1, 3000) as n
), placed as (
    select
        n,
        day::timestamp at time zone 'UTC' + pg_temp.draw('instant ' || n, 86400) * interval '1 second'
            + pg_temp.draw('micro ' || n, 1000000) * interval '1 microsecond' as at,
        day,
        pg_temp.draw('status ' || n, 100) as luck
    from days
)
select
    100000 + row_number() over (order by at),
    pg_temp.identity('customer ' || (1 + least(pg_temp.draw('who ' || n, 400), pg_temp.draw('again ' || n, 400)))),
    at,
    case when luck < 94 and day < date '2026-10-28' then day + 1 + pg_temp.draw('shipping ' || n, 4) end,
    case
        when luck >= 94 then 'cancelled'
        when day >= date '2026-10-28' then 'open'
        when luck >= 86 then 'returned'
        when day >= date '2026-10-21' then 'shipped'
        else 'delivered'
    end,
    (array[0, 0, 0, 0, 0.05, 0.1, 0.15, 0.125])[1 + pg_temp.draw('discount ' || n, 8)],
    (array['Bitte beim Nachbarn abgeben', 'cadeau 🎁, sans facture', 'ring twice — the bell is broken',
           '置き配でお願いします', 'До запитання'])[1 + pg_temp.draw('note ' || n, 25)]
from placed;

-- One to four lines an order, each a different product: the stride shares no factor with the 48 products.
insert into order_items
select
    orders.id,
    line,
    product.id,
    1 + pg_temp.draw('quantity ' || orders.id || ' ' || line, 3) * pg_temp.draw('many ' || orders.id, 2),
    round(product.price * (1 - discount), 2)
from orders
cross join lateral generate_series(1, 1 + pg_temp.draw('lines ' || orders.id, 4)) as line
join products as product
    on product.id = 1 + (pg_temp.draw('product ' || orders.id, 48) + 5 * line) % 48;

create index on orders (customer_id);
create index on orders (ordered_at);
create index on order_items (product_id);

create view monthly_revenue as
select
    date_trunc('month', ordered_at, 'UTC')::date as month,
    category,
    count(distinct orders.id) as orders,
    sum(quantity * unit_price)::numeric(12, 2) as revenue
from orders
join order_items on order_id = orders.id
join products on products.id = product_id
where status not in ('cancelled', 'returned')
group by 1, 2;
comment on view monthly_revenue is 'Revenue in euro by UTC month and category, without cancelled and returned orders';

commit;
