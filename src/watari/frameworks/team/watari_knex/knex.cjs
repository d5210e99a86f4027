// What watari asks of Knex, from inside the team's own node_modules: its list of migrations, or to run one of them.
//
// `node knex.cjs MODE REQUEST`, started by `watari.frameworks.knex` in the folder of the knexfile; the request is JSON.
// `list` answers with JSON on standard output, `up` and `down` with an exit status. Knex 1 and later.
'use strict'

const { createRequire } = require('module')
const path = require('path')
const { pathToFileURL } = require('url')

const [mode, request] = [process.argv[2], JSON.parse(process.argv[3])]
const team = createRequire(path.join(process.cwd(), 'package.json'))
const LOADERS = ['tsx/cjs', 'ts-node/register/transpile-only', 'ts-node/register', 'esbuild-register', '@swc-node/register']
const NOWHERE = 'postgresql://watari@127.0.0.1:9/offline'

async function main() {
  let answer_to = null
  if (mode === 'list') { // what the team's code prints goes to standard error
    answer_to = process.stdout.write.bind(process.stdout)
    process.stdout.write = process.stderr.write.bind(process.stderr)
  }
  const config = await settings()
  const address = mode === 'list' ? NOWHERE : process.env.WATARI_DATABASE_URL
  const knex = team('knex')({ ...config, connection: { connectionString: address } })
  try {
    if (mode === 'list') return answer_to(JSON.stringify(await listed(knex, config)))
    await one(knex, request.migration)
  } finally {
    await knex.destroy()
  }
}

// The knexfile as Knex's own command line reads it: a value, a promise or a function, by environments or not.
async function settings() {
  const file = path.join(process.cwd(), request.knexfile)
  if (/\.[cm]?ts$/.test(file)) load_typescript()
  process.env.DATABASE_URL = process.env.WATARI_DATABASE_URL || process.env.DATABASE_URL || NOWHERE
  let found
  try {
    found = /\.mjs$/.test(file) ? await import(pathToFileURL(file)) : require(file)
  } catch (failure) {
    if (failure.code !== 'ERR_REQUIRE_ESM' && !(failure instanceof SyntaxError)) throw failure
    found = await import(pathToFileURL(file))
  }
  found = found && found.default ? found.default : found
  if (typeof found === 'function') found = await found()
  found = await found
  const config = found[process.env.NODE_ENV || 'development'] || found
  const client = String(typeof config.client === 'function' ? config.client.name : config.client || config.dialect)
  if (!/^(pg|postgres|postgresql|pg-native|client_pg.*)$/i.test(client)) throw new Error(`its client is ${client}, not PostgreSQL`)
  return config
}

function load_typescript() {
  for (const loader of LOADERS) {
    try {
      return team(loader)
    } catch (failure) {
      if (failure.code !== 'MODULE_NOT_FOUND') throw failure
    }
  }
}

async function listed(knex, config) {
  const its = knex.migrate.config
  const source = its.migrationSource
  const found = []
  for (const each of await source.getMigrations(its.loadExtensions)) {
    const name = source.getMigrationName(each)
    const file = each && each.file ? path.resolve(each.directory, each.file) : null
    if (file && /\.[cm]?ts$/.test(file)) load_typescript()
    const content = await source.getMigration(each)
    const own = content.config && content.config.transaction
    found.push({
      name, file,
      transaction: typeof own === 'boolean' ? own : !its.disableTransactions,
      down: typeof content.down === 'function',
    })
  }
  const version = team('knex/package.json').version
  return {
    knex: version, migrations: found, table: its.tableName, schema: its.schemaName || null,
    search_path: [].concat(config.searchPath || []), lenient: Boolean(its.disableMigrationsListValidation),
  }
}

async function one(knex, name) {
  const [completed] = await knex.migrate.list()
  const there = completed.some((each) => (each.name || each) === name)
  if (there === (mode === 'up')) return
  await (mode === 'up' ? knex.migrate.up({ name }) : knex.migrate.down({ name }))
  process.stdout.write(`${mode} ${name}\n`)
}

main().catch((failure) => {
  const code = failure && failure.code && /^[0-9A-Z]{5}$/.test(failure.code) ? `${failure.code} ` : ''
  const words = String((failure && failure.message) || failure).replace(/\s+/g, ' ').replace(/(:\/\/[^\s:/@]*:)\S*@/g, '$1****@')
  process.stderr.write(`knex: ${code}${words}\n`)
  process.exitCode = 1
})
