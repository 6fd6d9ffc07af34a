-- The tables of the inventory app. `patchbay dev` runs this file against its private PostgreSQL at every start.
CREATE TABLE IF NOT EXISTS widgets (
  id          varchar(256)  PRIMARY KEY,
  description varchar(4000) NOT NULL,
  price       float         NOT NULL
);
