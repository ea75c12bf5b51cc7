// `npm start`: builds what would be deployed, runs it on this machine, takes the tour and stays up.
// Everything listens on loopback; nothing else is reached. Whatever happens, it ends with one line and takes
// every process it started along.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { ResolvedConfig } from '../../shared/index.ts'
import { secretsOf } from './authorization-server.ts'
import { buildEdges, ROOT } from './build.ts'
import type { Child } from './child.ts'
import { examplePaths, fitsTour, readLocalConfig, scopesOf } from './local-config.ts'
import { findBusyPort, localVariables, SERVICES, startLocalRun, type LocalRun } from './local-run.ts'
import { layOut, paint } from './table.ts'
import { takeTour, TOUR } from './tour.ts'

const DEFAULT_PORT = 4400

const HELP = `npm start -- [--once] [--port N] [--evidence DIR]

  --once           take the tour and end: exit code 0 only if every row came out as it should
  --port N         first of ${SERVICES.length} ports to listen on (default ${DEFAULT_PORT}): ${SERVICES.join(', ')}
  --evidence DIR   keep every token, secret and line of output of this run in DIR (for the leak test)
  --help           this text`

/** An end that is explained by its message alone. */
class Stop extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

interface Options {
  readonly once: boolean
  readonly port: number
  readonly evidence: string | undefined
}

function readOptions(args: readonly string[]): Options {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        port: { type: 'string' },
        evidence: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) throw new Stop(HELP, 0)
  const port = Number(values.port ?? DEFAULT_PORT)
  const last = 65_536 - SERVICES.length
  if (!Number.isInteger(port) || port < 1024 || port > last) {
    throw new Stop(`--port must be a whole number from 1024 to ${last}, not "${values.port}".`, 2)
  }
  return { once: values.once === true, port, evidence: values.evidence }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const progress = (text: string): void => say(paint('dim', `- ${text}`))

/** Tokens in files that only this user can read, so that no command line or screen has to show one. */
async function writeTokens(run: LocalRun, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const [name, token] of Object.entries(run.tokens))
    await writeFile(join(directory, name), token, { mode: 0o600 })
}

/** Lines to paste. `tokenDirectory` is relative to where the person is. */
function examples(run: LocalRun, config: ResolvedConfig, tokenDirectory: string): string[] {
  const { worker, request, token, http } = run.edges
  const curl = (url: string, name: string | null, more = '') => {
    const header =
      name === null
        ? ''
        : `-H "Authorization: Bearer $(cat ${relative(process.cwd(), join(tokenDirectory, name))})" `
    return `  curl -i ${more}${header}${url}`
  }
  if (!fitsTour(config)) {
    return examplePaths(config).flatMap((path) =>
      ['all', 'idToken', null].map((name) => curl(`${worker.url}${path}`, name)),
    )
  }
  return [
    curl(`${worker.url}/orders`, 'read'),
    curl(`${worker.url}/orders`, 'idToken'),
    curl(`${worker.url}/orders`, 'read', '-X POST '),
    curl(`${worker.url}/orders`, null),
    curl(`${request.url}/orders`, 'read'),
    curl(`${token.url}/invoices`, 'idTokenForApi'),
    curl(`${http.url}/orders`, 'expired'),
  ]
}

function describe(run: LocalRun, config: ResolvedConfig, tokenDirectory: string): string {
  const { worker, request, http } = run.edges
  const running = [
    ['Worker (workerd)', worker.url],
    ['REST API (local API Gateway)', request.url],
    ['HTTP API (local API Gateway)', http.url],
    ['authorization server', run.issuer],
    ['another authorization server', run.otherIssuer],
    ['origin behind the Worker, unprotected', run.originUrl],
  ]
  return [
    '',
    layOut(['running', 'at'], running),
    '',
    `Try it from ${process.cwd()} (tokens are in files; they last an hour):`,
    ...examples(run, config, tokenDirectory),
    '',
    'Decisions appear below, laid out from the JSON lines the edges log. Ctrl-C ends everything.',
  ].join('\n')
}

/** A log line of a child for a person: decisions laid out, the noise of a thrown 401 left out. */
function toReadable(child: string, line: string): string | null {
  if (line.startsWith('{"door"')) {
    const {
      outcome,
      code,
      route = '',
      detail = {},
    } = JSON.parse(line) as Record<string, string> & { detail?: object }
    const details = Object.entries(detail).map(([name, value]) => `${name}: ${value}`)
    return [child.padEnd(11), outcome, code, route, ...details].filter((part) => part !== '').join('  ')
  }
  if (line.startsWith('Invoke Error Error: Unauthorized') || /^\s+at /.test(line) || line.trim() === '')
    return null
  return `${child}: ${line}`
}

async function keepEvidence(directory: string, run: LocalRun, output: readonly string[]): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const secrets = [...Object.values(run.tokens), ...run.clients.flatMap(secretsOf)]
  await writeFile(join(directory, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
  await writeFile(join(directory, 'output.log'), `${output.join('\n')}\n`)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const directory = join(ROOT, 'dist/local', String(options.port))
  const children: Child[] = []
  const output: string[] = []
  const building = new AbortController()
  const ended = Promise.withResolvers<never>()
  let following = false

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ended.reject(new Stop('Stopped.', following ? 0 : 130)))
  }

  async function runAll(): Promise<void> {
    const busy = await findBusyPort(options.port)
    if (busy !== null) {
      const other = options.port + (options.port > 60_000 ? -1_000 : 1_000)
      throw new Stop(
        `Port ${busy.port} (${busy.service}) is in use; choose others with: npm start -- --port ${other}`,
        1,
      )
    }
    const variables = localVariables(options.port)
    const config = readLocalConfig(variables)
    if (!fitsTour(config) && options.once) {
      throw new Stop(
        'lanekeeper.config.ts no longer has the routes of the tour, so there is no tour to take.',
        1,
      )
    }
    progress('building the Worker with wrangler and the Lambda with osls')
    const build = await buildEdges(directory, building.signal)
    const run = await startLocalRun({
      build,
      basePort: options.port,
      variables,
      scopes: scopesOf(config),
      progress,
      onSpawn(child) {
        children.push(child)
        void child.ended.then((sentence) => ended.reject(new Stop(`${sentence}.`, 1)))
      },
      onLine(child, line) {
        if (options.evidence !== undefined) output.push(`${child}: ${line}`)
        const readable = following ? toReadable(child, line) : null
        if (readable !== null) say(readable)
      },
    })
    if (fitsTour(config)) await tour(run)
    else say('\nlanekeeper.config.ts no longer has the routes of the tour, so the tour is left out.')
    if (options.once) return
    const tokenDirectory = join(build.scratch, 'tokens')
    await writeTokens(run, tokenDirectory)
    say(describe(run, config, tokenDirectory))
    following = true
    await ended.promise
  }

  async function tour(run: LocalRun): Promise<void> {
    progress(`taking the tour: ${TOUR.length} requests through each edge\n`)
    const wrong = await takeTour(run.edges, run.tokens, say)
    if (options.evidence !== undefined) await keepEvidence(options.evidence, run, output)
    if (wrong > 0) throw new Stop(`\n${wrong} of ${TOUR.length} rows came out wrong.`, 1)
    say(`\nAll ${TOUR.length} rows came out as they should on both edges.`)
  }

  try {
    await Promise.race([runAll(), ended.promise])
  } finally {
    following = false
    building.abort()
    await Promise.all(children.map((child) => child.stop()))
    await rm(directory, { recursive: true, force: true })
  }
}

try {
  await main()
  process.exit(0)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  const exitCode = error instanceof Stop ? error.exitCode : 1
  ;(exitCode === 0 || exitCode === 130 ? process.stdout : process.stderr).write(`${message}\n`)
  process.exit(exitCode)
}
