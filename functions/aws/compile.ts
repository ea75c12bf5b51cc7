// What the Lambda edge needs of a configuration: its parts, and the table of the strategy `table`.

import { kindOfSecret, type EdgeCompiler, type PlannedSecret, type UsedPart } from '../../shared/compiler.ts'
import {
  ConfigError,
  type ConfigEnvironment,
  type ConfigProblem,
  type ResolvedConfig,
} from '../../shared/index.ts'
import { findSenderProblems, plannedSender, senderParts } from './compile-sender.ts'
import { functionsOf, type CheckedFunctions } from './functions-of.ts'
import { LAMBDA_SECRETS } from './secret-kinds.ts'
import { planTable } from './table/plan.ts'
import { describeClash, type TablePlan } from './table/proof.ts'

const checkedBy = ({ authorizer, later }: ConfigEnvironment): CheckedFunctions =>
  later === undefined ? { authorizer } : { isBuild: true }

/** The settings with the strategy `table`. */
const tableSettings = (config: ResolvedConfig, environment: ConfigEnvironment): readonly string[] =>
  functionsOf(config, checkedBy(environment))
    .filter(([, { strategy }]) => strategy === 'table')
    .map(([path]) => `${path}.strategy`)

const isGuarded = ({ demand, revocation }: ResolvedConfig['routes'][number]): boolean =>
  demand !== null && revocation !== 'off'

/** Whether a function asks the store: for a route, or because it receives logout tokens. */
const hasStore = ({ revocation, routes }: ResolvedConfig): boolean =>
  revocation != null && (revocation.logout !== null || routes.some(isGuarded))

/** A policy of the strategy `table` is about every route, and a token is checked once for it. */
function findMixedDemands({ routes }: ResolvedConfig): string | null {
  const protectedRoutes = routes.filter(({ demand }) => demand !== null)
  const [first] = protectedRoutes
  const other = protectedRoutes.find(({ revocation }) => revocation !== first!.revocation)
  const say = ({ name, revocation }: ResolvedConfig['routes'][number]) =>
    `${name}: ${revocation ?? 'no demand'}`
  return other === undefined
    ? null
    : `cannot be "table" where routes differ in revocation (${say(first!)}; ${say(other)})`
}

/** The identifiers that are open: the routes of their resources are known only when an edge starts. */
function findOpenResources({ later }: ConfigEnvironment): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const { path } of later?.open.settings ?? [])
    if (/^resources\[\d+\]\.identifier$/.test(path))
      later!.open.refuse(path, (at, message, variable) =>
        problems.push({ path: at, message, ...(variable === undefined ? {} : { variable }) }),
      )
  return problems
}

/**
 * The plan of the strategy `table`; `null` where no function has it.
 *
 * @throws {ConfigError} naming the routes that a table cannot express, or the resources whose routes are not known.
 */
function compileTable(config: ResolvedConfig, environment: ConfigEnvironment): TablePlan | null {
  const paths = tableSettings(config, environment)
  if (paths.length === 0) return null
  const open = findOpenResources(environment)
  if (open.length > 0) throw new ConfigError(open)
  const mixed = findMixedDemands(config)
  if (mixed !== null) throw new ConfigError(paths.map((path) => ({ path, message: mixed })))
  const planned = planTable(config)
  if ('plan' in planned) return planned.plan
  throw new ConfigError(
    paths.flatMap((path) => planned.clashes.map((clash) => ({ path, message: describeClash(clash) }))),
  )
}

/** For functions that take the token of a WebSocket handshake from elsewhere than an Authorization field. */
const handshakeParts = ({ aws }: ResolvedConfig): readonly UsedPart[] =>
  [
    ['aws', aws] as const,
    ...[...aws.authorizers].map(([name, one]) => [`aws.authorizers.${name}`, one] as const),
  ]
    .filter(([, { webSocketToken }]) => webSocketToken !== 'header')
    .map(([path]) => ({ name: 'aws/handshake-tokens', because: `${path}.webSocketToken` }))

/** @throws {ConfigError} if the store is missing. */
function revocationParts(config: ResolvedConfig): readonly UsedPart[] {
  if (!hasStore(config)) return []
  if (config.revocation!.dynamodb === null)
    throw new ConfigError([
      { path: 'revocation.dynamodb', message: 'is missing; the Lambda asks this table about tokens' },
    ])
  return [
    { name: 'revocation-lookups', because: 'revocation' },
    { name: 'aws/dynamodb', because: 'revocation.dynamodb' },
  ]
}

/** The members that the functions read. The receiver of logout tokens adds entries, and no other function does. */
function plannedRevocation(config: ResolvedConfig) {
  if (config.revocation == null) return {}
  if (!hasStore(config)) return { revocation: undefined }
  const { admin: _, durableObject: __, maxEntries, ...planned } = config.revocation
  return { revocation: planned.logout === null ? planned : { ...planned, maxEntries } }
}

const SECRET_PARTS = { env: 'aws/secrets', secretsManager: 'aws/secrets-manager', secretsStore: '' } as const

function partsOf(
  config: ResolvedConfig,
  table: TablePlan | null,
  secrets: readonly PlannedSecret[],
): readonly UsedPart[] {
  const algorithms = [...config.issuers.values()].flatMap(({ name, keys }) =>
    keys.secret === undefined
      ? [...keys.algorithms].map((algorithm) => ({
          name: `aws/${algorithm.slice(0, 2).toLowerCase()}`,
          because: `issuers.${name}.algorithms has ${algorithm}`,
        }))
      : [],
  )
  return [
    ...algorithms,
    ...secrets.map(({ path, ref }) => ({ name: SECRET_PARTS[kindOfSecret(ref)], because: path })),
    ...handshakeParts(config),
    ...revocationParts(config),
    ...senderParts(config),
    ...(table === null
      ? []
      : ['examine', 'aws/table'].map((name) => ({ name, because: 'aws strategy table' }))),
  ]
}

/** The Lambda edge. */
export const AWS_EDGE: EdgeCompiler<{ readonly table: TablePlan | null }> = {
  name: 'aws',
  environment: { secretKinds: LAMBDA_SECRETS },
  sections: ['aws'],
  compile(config, environment, secrets) {
    const problems = findSenderProblems(config, checkedBy(environment))
    if (problems.length > 0) throw new ConfigError(problems)
    const table = compileTable(config, environment)
    const derived = { table, ...plannedRevocation(config), ...plannedSender(config) }
    return { derived, parts: partsOf(config, table, secrets) }
  },
}
