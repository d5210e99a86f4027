exports.up = (knex) =>
  knex.schema.createTable('customers', (table) => {
    table.increments('id')
    table.string('email', 200).notNullable()
    table.text('name')
  })

exports.down = (knex) => knex.schema.dropTable('customers')
