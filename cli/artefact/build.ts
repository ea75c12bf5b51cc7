// Builds the artefact of one stage for one edge: compiles the configuration, bundles the parts that it uses with the
// plan, and writes the files. Sends requests for `keys.bundled` alone.

import type { Metafile, OutputFile } from 'esbuild'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../functions/cloudflare/compile.ts'
import { STORE_EDGE } from '../../functions/cloudflare/store/compile.ts'
import {
  bundleKeys,
  compileFor,
  describeSenders,
  type BundledKey,
  type Compiled,
} from '../../shared/compiler.ts'
import { ConfigError, type EdgeName } from '../../shared/edge.ts'
import {
  FAILURES,
  toResourceMetadata,
  type LanekeeperConfig,
  type ResolvedConfig,
} from '../../shared/index.ts'
import type { Environment } from '../stage-findings.ts'
import { bundleEntry, type Bundled, type Target } from './bundle.ts'
import {
  entryOf,
  logoutEntry,
  metadataEntry,
  toPartModule,
  type EntryOptions,
  type PartModule,
} from './entry.ts'
import { EMPTY_TABLE, failureTableModule, rowsIn, withLambdaHints } from './failure-table.ts'
import { filesAtStart, ownBytes } from './sizes.ts'

export interface BuildRequest extends EntryOptions {
  readonly config: LanekeeperConfig
  readonly edge: EdgeName
  /** Empty where no stages are configured. */
  readonly stage: string
  /** Values for `${env:NAME}`. */
  readonly env: Environment
  /** Where packages of the user are searched for. */
  readonly project: string
  /** The folder of the artefact. It is emptied first. */
  readonly out: string
}

export interface Artefact {
  readonly compiled: Compiled
  /** The keys in the plan, for `keys.bundled`. */
  readonly keys: readonly BundledKey[]
  readonly parts: readonly (PartModule & { readonly bytes: number })[]
  readonly files: readonly OutputFile[]
  readonly metafile: Metafile
  /** Of the files that are read when an instance starts. */
  readonly startBytes: number
  readonly startGzipBytes: number
  /** The codes that its failure table has. */
  readonly failureCodes: readonly string[]
}

const COMPILERS = { aws: AWS_EDGE, cloudflare: CLOUDFLARE_EDGE, store: STORE_EDGE } as const

/** The plan has the keys that were fetched for it. */
async function compile({ config, edge, stage, env }: BuildRequest) {
  const compiled = compileFor(COMPILERS[edge] as (typeof COMPILERS)['aws'], config, { stage, env }, true)
  if (edge === 'store') return { compiled, keys: [] }
  const { bundledKeys, keys, problems } = await bundleKeys(compiled.config, { fetch, now: Date.now })
  if (problems.length > 0) throw new ConfigError(problems, stage)
  const plan = bundledKeys === undefined ? compiled.plan : { ...compiled.plan, bundledKeys }
  return { compiled: { ...compiled, plan }, keys }
}

/** Bundles twice: the first bundle shows which codes the second one needs. */
async function bundleWithItsFailures(
  target: Target,
  entry: string,
  { project, out }: BuildRequest,
): Promise<Bundled & { readonly failureCodes: readonly string[] }> {
  const { files } = await bundleEntry(target, entry, project, out, EMPTY_TABLE)
  const table = rowsIn(
    files.map(({ text }) => text),
    FAILURES,
  )
  const bundled = await bundleEntry(
    target,
    entry,
    project,
    out,
    failureTableModule(target === 'cloudflare' ? table : withLambdaHints(table)),
  )
  return { ...bundled, failureCodes: Object.keys(table) }
}

/** The metadata of every resource, by the path at which it is served (RFC 9728 section 3.1). */
const documentsOf = (config: ResolvedConfig): Readonly<Record<string, object>> =>
  Object.fromEntries(
    config.resources.map((resource) => [
      new URL(resource.metadataUrl).pathname,
      { ...toResourceMetadata(resource, config), ...describeSenders(resource, config) },
    ]),
  )

/** Whether values of the documents are known only when an edge starts. */
export const hasOpenMetadata = ({ config, open }: Compiled): boolean =>
  config.resources.length > 0 && open.some(({ path }) => /^(?:resources|issuers)\b/.test(path))

/** The handler and the documents for a deployment with resources on AWS. */
async function buildMetadata(compiled: Compiled, { project, out }: BuildRequest): Promise<OutputFile[]> {
  const { config } = compiled
  if (config.resources.length === 0 || hasOpenMetadata(compiled)) return []
  const documents = documentsOf(config)
  const { files } = await bundleEntry('metadata', metadataEntry(documents), project, out, EMPTY_TABLE)
  const contents = new TextEncoder().encode(`${JSON.stringify(documents, null, 2)}\n`)
  return [...files, { path: join(out, 'metadata.json'), contents, text: '', hash: '' }]
}

/** The function that receives logout tokens on AWS. It has every part of the authorizer. */
async function buildLogout(
  compiled: Compiled,
  modules: readonly PartModule[],
  request: BuildRequest,
): Promise<readonly OutputFile[]> {
  if (compiled.config.revocation?.logout == null) return []
  const receiver = toPartModule({ name: 'backchannel-logout', because: 'revocation.logout' })
  const entry = logoutEntry(compiled.plan, [...modules, receiver], request)
  return (await bundleWithItsFailures('logout', entry, request)).files
}

/**
 * Builds an artefact without writing it.
 *
 * @throws {ConfigError} with every problem of the configuration.
 * @throws {Stop} if a package is missing.
 */
export async function bundleArtefact(request: BuildRequest): Promise<Artefact> {
  const { edge } = request
  const { compiled, keys } = await compile(request)
  const modules = compiled.parts.map(toPartModule)
  const entry = entryOf(edge, compiled.plan, modules, request)
  const { files, metafile, failureCodes } = await bundleWithItsFailures(edge, entry, request)
  const starts = filesAtStart(metafile).map((name) => basename(name))
  const start = Buffer.concat(
    files.filter(({ path }) => starts.includes(basename(path))).map(({ contents }) => contents),
  )
  return {
    compiled,
    keys,
    parts: modules.map((part) => ({ ...part, bytes: ownBytes(metafile, part) })),
    files:
      edge === 'aws'
        ? [
            ...files,
            ...(await buildMetadata(compiled, request)),
            ...(await buildLogout(compiled, modules, request)),
          ]
        : files,
    metafile,
    startBytes: start.length,
    startGzipBytes: gzipSync(start).length,
    failureCodes,
  }
}

/** Builds an artefact and writes its files. Errors as `bundleArtefact`; then nothing is written. */
export async function buildArtefact(request: BuildRequest): Promise<Artefact> {
  const artefact = await bundleArtefact(request)
  await rm(request.out, { recursive: true, force: true })
  for (const { path, contents } of artefact.files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents)
  }
  return artefact
}
