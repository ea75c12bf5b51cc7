// The entry of an artefact: a module that imports the parts that a plan uses, and the plan. esbuild bundles it.

import type { UsedPart } from '../../shared/compiler.ts'
import type { EdgeName, Plan } from '../../shared/edge.ts'

/** Where the modules of a kind of part are, relative to the package. */
const FOLDERS: Readonly<Record<string, string>> = {
  core: 'shared/parts',
  aws: 'functions/aws/parts',
  fetch: 'functions/fetch/parts',
  cloudflare: 'functions/cloudflare/parts',
  store: 'functions/cloudflare/store/parts',
}

/** A part by the module that exports it. */
export interface PartModule extends UsedPart {
  readonly kind: string
  /** Relative to the package, without an extension. */
  readonly path: string
  /** The name of its export. */
  readonly exported: string
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

export function toPartModule(part: UsedPart): PartModule {
  const [kind, file] = part.name.includes('/') ? part.name.split('/') : ['core', part.name]
  return { ...part, kind: kind!, path: `${FOLDERS[kind!]}/${file}`, exported: camelCase(file!) }
}

/** A plan that is longer is read by `JSON.parse`, which is quicker than the compiler of JavaScript. */
const LONG_PLAN = 32_768

function planExpression(plan: Plan): string {
  const json = JSON.stringify(plan)
  return json.length < LONG_PLAN ? json : `JSON.parse(${JSON.stringify(json)})`
}

const importOf = ({ exported, path, kind }: PartModule): string =>
  `import { ${exported} as ${kind}_${exported} } from 'lanekeeper:${path}'`

const namesOf = (parts: readonly PartModule[], ...kinds: readonly string[]): string =>
  parts
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, exported }) => `${kind}_${exported}`)
    .join(', ')

/** Settings of a build that are not in the configuration. */
export interface EntryOptions {
  /** Namespace of the metrics in CloudWatch; `null`: no metrics. */
  readonly metrics: string | null
}

/** A module that exports what `start` of a module makes of the plan and the parts. */
const functionEntry = (
  { start, module }: { readonly start: string; readonly module: string },
  plan: Plan,
  parts: readonly PartModule[],
  { metrics }: EntryOptions,
): string => `
import { combineParts } from 'lanekeeper:shared/parts/parts'
import { combineLambdaParts } from 'lanekeeper:functions/aws/planned-handler'
import { ${start} } from 'lanekeeper:functions/aws/${module}'
${metrics === null ? '' : "import { createEmfReport } from 'lanekeeper:functions/aws/emf-report'"}
${parts.map(importOf).join('\n')}
export const handler = ${start}(
  ${planExpression(plan)},
  process.env,
  combineParts(${namesOf(parts, 'core')}),
  combineLambdaParts(${namesOf(parts, 'aws')}),
  ${metrics === null ? '' : `createEmfReport({ namespace: ${JSON.stringify(metrics)} }),`}
)
`

const lambdaEntry = (plan: Plan, parts: readonly PartModule[], options: EntryOptions): string => `
${functionEntry({ start: 'startHandler', module: 'planned-handler' }, plan, parts, options)}
await handler.prepare()
`

/** The entry of the function that receives logout tokens. */
export const logoutEntry = (plan: Plan, parts: readonly PartModule[], options: EntryOptions): string =>
  functionEntry({ start: 'startLogoutHandler', module: 'logout' }, plan, parts, options)

const workerEntry = (plan: Plan, parts: readonly PartModule[]): string => `
import { env, WorkerEntrypoint } from 'cloudflare:workers'
import { combineParts } from 'lanekeeper:shared/parts/parts'
import { startWorker } from 'lanekeeper:functions/cloudflare/planned-worker'
${parts.map(importOf).join('\n')}
const worker = startWorker(
  ${planExpression(plan)},
  env,
  combineParts(${namesOf(parts, 'core')}),
  Object.assign({}, ${namesOf(parts, 'fetch', 'cloudflare')}),
)
export default worker
export class Authorizer extends WorkerEntrypoint {
  authorize(request) {
    return worker.authorize(request, (work) => this.ctx.waitUntil(work))
  }
}
`

/** The store of revocations, with its admin endpoint. */
const revocationsOf = (plan: Plan, parts: readonly PartModule[]): string => `
const { worker, RevocationStore } = store_revocations(
  ${planExpression(plan)},
  env,
  combineParts(${namesOf(parts, 'core')}),
  DurableObject,
)
export { worker as default, RevocationStore }
`

/** Without revocations nothing is at any path. */
const NO_ADMIN = `
import { NOT_FOUND } from 'lanekeeper:functions/cloudflare/store/admin-answer'
export default { fetch: async () => NOT_FOUND() }
`

const REPLAYS = 'export const ReplayStore = store_replays(DurableObject)'

const storeEntry = (plan: Plan, parts: readonly PartModule[]): string => {
  const has = (name: string) => parts.some((part) => part.name === name)
  return `
import { DurableObject, env } from 'cloudflare:workers'
import { combineParts } from 'lanekeeper:shared/parts/parts'
${parts.map(importOf).join('\n')}
${has('store/revocations') ? revocationsOf(plan, parts) : NO_ADMIN}
${has('store/replays') ? REPLAYS : ''}
`
}

const ENTRIES: Readonly<
  Record<EdgeName, (plan: Plan, parts: readonly PartModule[], options: EntryOptions) => string>
> = { aws: lambdaEntry, cloudflare: workerEntry, store: storeEntry }

/** The text of the entry. */
export const entryOf = (
  edge: EdgeName,
  plan: Plan,
  parts: readonly PartModule[],
  options: EntryOptions,
): string => ENTRIES[edge](plan, parts, options)

/** The entry of the function that serves the metadata of resources. */
export const metadataEntry = (documents: Readonly<Record<string, object>>): string => `
import { createMetadataHandler } from 'lanekeeper:functions/aws/metadata'
export const handler = createMetadataHandler(${JSON.stringify(documents)})
`
