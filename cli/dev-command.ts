// `lanekeeper dev`: runs the edges of a project on this machine, on loopback, with tokens that look like those of its
// providers. Deploys nothing.

import { dirname } from 'node:path'
import { API_NAMES, type ApiName } from '../local/dev/choose-authorizers.ts'
import type { DevEdge } from '../local/dev/edges.ts'
import { DEFAULT_PORT, PORT_COUNT, SERVICES_TEXT } from '../local/dev/ports.ts'
import { runDev } from '../local/dev/run-dev.ts'
import { watchFiles } from '../local/dev/watch.ts'
import { parseOptions, type CommandIo } from './command.ts'
import { defaultEdges, findEdges } from './edges.ts'
import { findConfigFile } from './load-config.ts'
import { Stop } from './stop.ts'

const HELP = `lanekeeper dev [options]

Builds the stage local of lanekeeper.config.ts and runs it on this machine: the Worker in workerd, the Lambda behind a
local API Gateway, a local issuer and an origin. Without a stage local, it is derived from the configuration: the issuers
keep everything but their keys, which the local issuer makes for this run. Everything listens on loopback. A change of the
configuration is taken at once. Ctrl-C ends everything. Tokens: lanekeeper token.

  --edge NAME       only this edge: cloudflare or aws; default: the edges that lanekeeper build builds
  --api LIST        which APIs of aws, with commas: rest, http, websocket; default: all that the rules fit
  --origin URL      where allowed requests go; default: the origin of the stage local, or one that shows what arrives
  --template FILE   a CloudFormation template (CDK, SAM) with the APIs; default: that of serverless.yml, or they are derived
  --port N          first of ${PORT_COUNT} ports (default ${DEFAULT_PORT}): ${SERVICES_TEXT}
  --config FILE     another configuration file
  --env-file FILE   variables that the environment does not have, as lines NAME=value
  --json            JSON lines: one document when everything runs, then the log of the edges
  --help            this text`

const OPTIONS = {
  edge: { type: 'string' },
  api: { type: 'string' },
  origin: { type: 'string' },
  template: { type: 'string' },
  port: { type: 'string' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

function readApis(given: string | undefined): readonly ApiName[] | null {
  if (given === undefined) return null
  const names = given.split(',').map((name) => name.trim())
  if (names.some((name) => !API_NAMES.includes(name as ApiName)))
    throw new Stop(`--api has names of ${API_NAMES.join(', ')}, with commas.`, 2)
  return names as ApiName[]
}

/** APIs and a template are those of AWS alone. */
function readEdges(given: string | undefined, isAws: boolean, root: string): readonly DevEdge[] {
  if (given !== undefined && given !== 'cloudflare' && given !== 'aws')
    throw new Stop('--edge is cloudflare or aws.', 2)
  if (given === 'cloudflare' && isAws) throw new Stop('--api and --template are for the edge aws.', 2)
  if (given !== undefined) return [given]
  return isAws && !findEdges(root).hasWorker ? ['aws'] : defaultEdges(root)
}

function readPort(given: string | undefined): number {
  const port = Number(given ?? DEFAULT_PORT)
  const last = 65_536 - PORT_COUNT
  if (!Number.isInteger(port) || port < 1024 || port > last)
    throw new Stop(`--port is a whole number from 1024 to ${last}.`, 2)
  return port
}

function readOrigin(given: string | undefined): string | null {
  if (given === undefined) return null
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '')
    throw new Stop('--origin is the URL of a server without a path, such as http://127.0.0.1:3000.', 2)
  return url.origin
}

/** @throws {Stop} As `Command.run` does. */
export async function runDevCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const root = dirname(findConfigFile(io.cwd, options.config))
  const isAws = options.api !== undefined || options.template !== undefined
  return runDev(
    {
      edges: readEdges(options.edge, isAws, root),
      apis: readApis(options.api),
      origin: readOrigin(options.origin),
      template: options.template ?? null,
      port: readPort(options.port),
      config: options.config,
      envFile: options['env-file'],
      json: options.json === true,
    },
    io,
    watchFiles,
  )
}
