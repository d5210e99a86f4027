exports.config = { transaction: false }

exports.up = (knex) => knex.raw('CREATE INDEX CONCURRENTLY customers_grade ON customers (grade_id)')

exports.down = (knex) => knex.raw('DROP INDEX CONCURRENTLY customers_grade')
