// `lanekeeper build`: compiles one stage of a configuration and writes what is deployed, for each edge a folder. Prints
// what went in, why, and how large it is. Needs no account and uploads nothing.

import { dirname, join, relative, resolve } from 'node:path'
import type { EdgeName } from '../shared/edge.ts'
import { ConfigError, type LanekeeperConfig } from '../shared/index.ts'
import { readVersion } from './version.ts'
import { buildArtefact, hasOpenMetadata, type Artefact } from './artefact/build.ts'
import { writeDescription } from './artefact/description.ts'
import { parseOptions, readEnvironment, type CommandIo } from './command.ts'
import { defaultEdges } from './edges.ts'
import { findConfigFile, loadConfig } from './load-config.ts'
import { refuseLoopbackIssuers } from './loopback-issuers.ts'
import { shownJson } from './shown.ts'
import { Stop } from './stop.ts'
import { layOut, paint } from './table.ts'

const HELP = `lanekeeper build [options]

Compiles one stage of lanekeeper.config.ts (or .mts, .js, .mjs) and writes what is deployed: worker/ for wrangler, and
lambda/ for any tool that uploads a folder, with lambda.json beside it, which says what the deployment has to set. Without
--edge, those edges are built whose file is beside the configuration, wrangler.toml and serverless.yml; without both files,
both edges. The store Worker, store/ for wrangler, has revocations and used proofs, and is built with --edge store alone.
Exit code 0, 1 if the configuration has a problem, 2 if the command cannot be run.

  --stage NAME      the stage; default: LANEKEEPER_STAGE. Required where stages are configured
  --edge NAME       only this edge: cloudflare, aws or store
  --out DIR         where worker/, lambda/, lambda.json and store/ are written; default: dist
  --config FILE     another configuration file
  --env-file FILE   variables that the environment does not have, as lines NAME=value
  --metrics NAME    aws: every log line is also metrics in this namespace of CloudWatch
  --json            one JSON document instead of text (docs/deploying.md)
  --help            this text`

const OPTIONS = {
  stage: { type: 'string' },
  edge: { type: 'string' },
  out: { type: 'string', default: 'dist' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  metrics: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

const FOLDERS: Readonly<Record<EdgeName, string>> = {
  cloudflare: 'worker',
  aws: 'lambda',
  store: 'store',
}

function edgesOf(named: string | undefined, root: string): readonly EdgeName[] {
  if (named !== undefined && !Object.hasOwn(FOLDERS, named))
    throw new Stop('--edge is cloudflare, aws or store.', 2)
  return named === undefined ? defaultEdges(root) : [named as EdgeName]
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`

function describe(artefact: Artefact, edge: EdgeName, folder: string): string {
  const { compiled, keys, parts, startBytes, startGzipBytes } = artefact
  const { hash, stage } = compiled.plan
  const title = `${edge}${stage === '' ? '' : `, stage ${stage}`}: ${folder}`
  return [
    paint('bold', title),
    `plan ${hash}, Lanekeeper ${readVersion()}; ${kilobytes(startBytes)} at start, ${kilobytes(startGzipBytes)} gzip`,
    '',
    layOut(
      ['part', 'its own size', 'because of'],
      parts.map(({ name, bytes, because }) => [name, kilobytes(bytes), because]),
    ),
    ...(keys.length === 0
      ? []
      : [
          '',
          layOut(
            ['key in the plan', 'of issuer', 'thumbprint (RFC 7638)'],
            keys.map(({ kid, issuer, thumbprint }) => [kid ?? '(no kid)', issuer, thumbprint]),
          ),
        ]),
  ].join('\n')
}

/** The variables that the edge needs when it starts. */
const describeOpen = ({ compiled }: Artefact): readonly string[] =>
  compiled.open.map(({ path, variable }) => `at start: ${path} needs the environment variable ${variable}`)

const describeWarnings = ({ compiled }: Artefact): readonly string[] => [
  ...compiled.config.warnings.map(({ path, message }) => `warning: ${path}: ${message}`),
  ...(compiled.plan.edge === 'aws' && hasOpenMetadata(compiled)
    ? [
        'warning: resources: their metadata is not written, because it needs variables that the build does not have',
      ]
    : []),
]

interface Run {
  readonly config: LanekeeperConfig
  readonly edges: readonly EdgeName[]
  readonly stage: string
  readonly env: CommandIo['env']
  readonly project: string
  readonly out: string
  readonly metrics: string | null
}

interface Built {
  readonly artefact: Artefact
  readonly edge: EdgeName
  readonly folder: string
}

/** One edge in the document of `--json`. */
const toDocument = ({ artefact, edge, folder }: Built) => ({
  edge,
  stage: artefact.compiled.plan.stage || null,
  folder,
  ...(edge === 'aws' ? { description: `${folder}.json` } : {}),
  plan: artefact.compiled.plan.hash,
  startBytes: artefact.startBytes,
  startGzipBytes: artefact.startGzipBytes,
  parts: artefact.parts.map(({ name, bytes, because }) => ({ name, bytes, because })),
  keys: artefact.keys.map(({ kid, issuer, thumbprint }) => ({ kid: kid ?? null, issuer, thumbprint })),
  atStart: artefact.compiled.open.map(({ path, variable }) => ({ path, variable })),
  warnings: describeWarnings(artefact).map((warning) => warning.replace(/^warning: /, '')),
})

/** Builds each edge. Problems of all edges are printed together. */
async function buildEdges({ edges, out, ...request }: Run, isText: boolean, io: CommandIo): Promise<0 | 1> {
  const problems = new Set<string>()
  const warnings = new Set<string>()
  const built: Built[] = []
  for (const edge of edges) {
    const folder = join(out, FOLDERS[edge])
    const shown = relative(io.cwd, folder)
    try {
      io.progress(`building ${shown}`)
      refuseLoopbackIssuers(request.config, request.stage, request.env)
      const artefact = await buildArtefact({ ...request, edge, out: folder })
      if (edge === 'aws') await writeDescription(artefact, folder)
      built.push({ artefact, edge, folder: shown })
      if (!isText) continue
      io.print(`${describe(artefact, edge, shown)}\n`)
      for (const open of describeOpen(artefact)) io.print(open)
      for (const warning of describeWarnings(artefact)) warnings.add(warning)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.add(error.message)
    }
  }
  const exitCode = problems.size === 0 ? 0 : 1
  if (!isText) {
    const document = { ok: exitCode === 0, lanekeeper: readVersion(), edges: built.map(toDocument) }
    io.print(shownJson({ version: 1, ...document, problems: [...problems] }))
    return exitCode
  }
  for (const warning of warnings) io.print(warning)
  for (const problem of problems) io.printError(problem)
  return exitCode
}

/** @throws {Stop} As `Command.run` does. */
export async function runBuild(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const file = findConfigFile(io.cwd, options.config)
  const env = readEnvironment(io, options['env-file'])
  return buildEdges(
    {
      config: await loadConfig(file, io.cwd),
      edges: edgesOf(options.edge, dirname(file)),
      stage: options.stage ?? env['LANEKEEPER_STAGE'] ?? '',
      env,
      project: dirname(file),
      out: resolve(io.cwd, options.out),
      metrics: options.metrics ?? null,
    },
    options.json !== true,
    io,
  )
}
