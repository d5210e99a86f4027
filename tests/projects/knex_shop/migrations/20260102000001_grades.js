exports.up = async (knex) => {
  await knex.schema.createTable('grades', (table) => {
    table.increments('id')
    table.string('title', 50).notNullable()
  })
  await knex('grades').insert([{ title: 'first' }, { title: "it's second" }])
  const [{ id }] = await knex('grades').insert({ title: 'third' }).returning('id')
  await knex('grades').where({ id }).update({ title: 'last' })
}

exports.down = (knex) => knex.schema.dropTable('grades')
