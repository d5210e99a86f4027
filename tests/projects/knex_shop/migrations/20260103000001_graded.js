exports.up = async (knex) => {
  if (await knex.schema.hasColumn('customers', 'grade_id')) return
  await knex.schema.alterTable('customers', (table) => {
    table.integer('grade_id').references('id').inTable('grades')
    table.unique(['email'])
    table.index(['name'])
  })
}

exports.down = (knex) =>
  knex.schema.alterTable('customers', (table) => {
    table.dropIndex(['name'])
    table.dropUnique(['email'])
    table.dropColumn('grade_id')
  })
