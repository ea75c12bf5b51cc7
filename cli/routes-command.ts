// `lanekeeper routes`: the rules that one stage enforces, what each demands, and what an edge cannot express of them.
// Needs no variable, secret or account. Checks nothing: that is `lanekeeper check`.

import { basename, dirname } from 'node:path'
import { parseOptions, readEnvironment, type CommandIo } from './command.ts'
import { findEdges, type Edges } from './edges.ts'
import { findConfigFile, loadConfig } from './load-config.ts'
import { describeRoutes, toRoutesDocument } from './routes/routes-report.ts'
import { shownJson } from './shown.ts'
import { checkStageName, resolveStageConfig } from './stage-config.ts'
import { Stop } from './stop.ts'

const HELP = `lanekeeper routes [options]

Prints the rules of one stage of lanekeeper.config.ts (or .mts, .js, .mjs): methods, path, and everything that a token
must have there; the authorizer functions with their strategy; and for each edge what it cannot express. Without --edge,
those edges count whose file is beside the configuration, wrangler.toml and serverless.yml; without both files, both.
Exit code 0, 1 if the configuration has a problem, 2 if the command cannot be run.

  --stage NAME     the stage; default: LANEKEEPER_STAGE. Required where stages are configured
  --edge NAME      only this edge, cloudflare or aws
  --config FILE    another configuration file
  --env-file FILE  variables that the environment does not have, as lines NAME=value
  --json           one JSON document instead of text (docs/checking.md)
  --help           this text`

const OPTIONS = {
  stage: { type: 'string' },
  edge: { type: 'string' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

function chooseEdges(named: string | undefined, root: string): Edges {
  if (named !== undefined && named !== 'cloudflare' && named !== 'aws')
    throw new Stop('--edge is cloudflare or aws.', 2)
  if (named !== undefined) return { hasWorker: named === 'cloudflare', hasLambda: named === 'aws' }
  const present = findEdges(root)
  return present.hasWorker || present.hasLambda ? present : { hasWorker: true, hasLambda: true }
}

/** @throws {Stop} As `Command.run` does. */
export async function runRoutes(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const file = findConfigFile(io.cwd, options.config)
  const edges = chooseEdges(options.edge, dirname(file))
  const env = readEnvironment(io, options['env-file'])
  const stage = options.stage ?? env['LANEKEEPER_STAGE']
  const given = await loadConfig(file, io.cwd)
  checkStageName(options.stage, given.stages ?? {})
  const { config } = resolveStageConfig(given, stage, env)
  const document = toRoutesDocument(config, stage ?? null, edges)
  const title = stage === undefined ? basename(file) : `${basename(file)}, stage ${stage}`
  io.print(options.json === true ? shownJson(document) : describeRoutes(document, title))
  return 0
}
