exports.up = async (knex) => {
  for (const { id } of await knex('customers').where('email', 'like', 'c111%').select('id')) {
    await knex('customers').where({ id }).update({ grade_id: 1 })
  }
}

exports.down = (knex) => knex('customers').update({ grade_id: null })
