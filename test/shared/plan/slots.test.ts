// Values that a build leaves to the environment of an edge: a plan whose slots are filled at start is the configuration
// that a build with the same variables gives, and refuses what `resolveConfig` refuses, in the same words.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../../functions/cloudflare/compile.ts'
import { compileFor, type Compiled, type EdgeCompiler } from '../../../shared/compiler.ts'
import { OPEN_SETTINGS } from '../../../shared/config/open-settings.ts'
import { toPlannedIssuers } from '../../../shared/config/planned-issuer.ts'
import { fill, type Plan, type PlannedConfig } from '../../../shared/edge.ts'
import {
  ConfigError,
  resolveConfig,
  type ConfigProblem,
  type LanekeeperConfig,
} from '../../../shared/index.ts'
import { issuerSlots } from '../../../shared/parts/issuer-slots.ts'
import { resourceSlots } from '../../../shared/parts/resource-slots.ts'
import { slots } from '../../../shared/parts/slots.ts'
import { findEnvironmentProblems } from '../../../shared/plan/environment.ts'
import { FULL_CONFIGS, FULL_ENVIRONMENT } from '../../support/full-configs.ts'
import { GOOD } from '../../support/config-problems.ts'
import { ES256_KEY, SLOT_CONFIGS, type SlotConfig } from './slot-configs.ts'
import { settingAt, stringsIn, withString } from './strings.ts'

type Env = Readonly<Record<string, string | undefined>>
type Start = (env: Env) => PlannedConfig

const EDGES: readonly EdgeCompiler[] = [AWS_EDGE, CLOUDFLARE_EDGE]
const SECRETS = { KEY: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE', ES256: ES256_KEY }

const asDeployed = ({ plan }: Compiled): Plan => JSON.parse(JSON.stringify(plan)) as Plan

interface Case {
  readonly edge: EdgeCompiler
  readonly slotConfig: SlotConfig
  /** What the edge needs when it starts. */
  readonly variables: readonly string[]
}

const build = (edge: EdgeCompiler, { config, stage }: SlotConfig, env: Env): Compiled =>
  compileFor(edge, config, { stage, env }, true)

const SLOT_PARTS = { slots, 'issuer-slots': issuerSlots, 'resource-slots': resourceSlots }

const slotPartsOf = ({ parts }: Compiled) =>
  Object.entries(SLOT_PARTS).filter(([name]) => parts.some((part) => part.name === name))

/** What an edge does when it starts, with the part that the build names. */
function startOf(compiled: Compiled, edge: EdgeCompiler): Start {
  const plan = asDeployed(compiled)
  const [part] = slotPartsOf(compiled)
  return (env) => fill(plan, edge.name, env, { findEnvironmentProblems, ...part?.[1] })
}

/** What is refused: path, message and variable, in alphabetical order; or what is accepted. */
function outcomeOf<Accepted>(run: () => Accepted): {
  readonly problems: readonly string[]
  readonly accepted?: Accepted
} {
  try {
    return { problems: [], accepted: run() }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { problems: error.problems.map(describeProblem).sort() }
  }
}

/** Slots are derived with whole profiles, of which an edge reads what a plan without slots has. */
const withPlannedProfiles = (config: PlannedConfig): PlannedConfig => ({
  ...config,
  issuers: toPlannedIssuers(config.issuers, false),
})

const describeProblem = ({ path, message, variable }: ConfigProblem): string =>
  `${path}: ${message} [${variable ?? ''}]`

/** What `resolveConfig` says of the sections that the edge reads. A Lambda does not look at the origin. */
const problemsAtOnce = (edge: EdgeCompiler, { config, stage }: SlotConfig, env: Env): readonly string[] =>
  outcomeOf(() => resolveConfig(config, { ...edge.environment, stage, env })).problems.filter(
    (problem) => edge.sections.includes('origin') || !problem.startsWith('origin.'),
  )

/** The places of the resources of each route in the list of all resources. */
const placesOf = ({ routes, resources }: PlannedConfig) =>
  routes.map((route) => route.resources.map((resource) => resources.indexOf(resource)))

/** Holds that a plan with slots and `resolveConfig` agree about an environment. */
function expectAgreement(start: Start, { edge, slotConfig, variables }: Case, env: Env): void {
  const expected = problemsAtOnce(edge, slotConfig, env)
  const { problems, accepted } = outcomeOf(() => start(env))
  expect(problems).toEqual(expected)
  if (accepted === undefined) return
  // A plan for a Lambda has no origin and needs none of its variables; a build that leaves nothing open needs them.
  const given = variables.map((name) => [name, env[name]] as const)
  const buildEnv = { ...slotConfig.good, ...Object.fromEntries(given) }
  const atOnce = startOf(build(edge, slotConfig, buildEnv), edge)(env)
  expect(accepted && withPlannedProfiles(accepted)).toEqual(atOnce && withPlannedProfiles(atOnce))
  expect(placesOf(accepted)).toEqual(placesOf(atOnce))
}

/** Values that some settings refuse, and values that make settings clash. */
const VALUES: readonly (string | undefined)[] = [
  undefined,
  '',
  'not a URL',
  'x',
  'common',
  'a/b',
  '*',
  'http://plain.example',
  'https://user:password@host.example',
  'https://host.example:99999',
  'https://host.example:8443',
  ' https://host.example',
  'https://host.example ',
  'https://host.example/#fragment',
  'https://host.example?query',
  'https://*.host.example',
  'https://host.example/',
  'https://host.example/path/',
  'https://host.example/a/../b',
  'https://host.example/{tenantid}/v2.0',
  'https://host.example/tenant/v2.0',
  'https://host.example/common/v2.0',
  'https://sts.windows.net/tenant/',
  'https://host.example/oauth2/default',
  'https://host.example/adfs',
  'http://host.example/adfs/services/trust',
  'https://host.example/adfs/services/trust',
  'https://login.example.com',
  'https://second.example',
  'https://discovered.example',
  'https://api.example.com',
  'https://api.example.com/v1/deep',
  'https://api.example.com/production',
  'https://api.example.com/hidden',
  'https://api.example.com/b%2fc',
  'https://api.example.com/b%24c',
  'http://localhost:8787',
  'localhost:8787',
  '00000003-0000-0000-c000-000000000000',
  '22222222-2222-2222-2222-222222222222',
  '{tenantid}',
  'web',
  'account',
  'cli',
  '${',
  '${env:KEY}',
  'a${env:KEY',
]

const CASES = EDGES.flatMap((edge) =>
  Object.entries(SLOT_CONFIGS).map(([name, slotConfig]) => {
    const variables = build(edge, slotConfig, {}).open.map(({ variable }) => variable)
    return [`${edge.name}: ${name}`, { edge, slotConfig, variables }] as const
  }),
)

describe.each(CASES)('%s', (_, about) => {
  const { edge, slotConfig } = about
  const { good } = slotConfig
  const compiled = build(edge, slotConfig, {})
  const start = startOf(compiled, edge)
  const env = { ...SECRETS, ...good, LANEKEEPER_STAGE: slotConfig.stage }

  test('with good values, the configuration is that of a build that has them', () => {
    expect(problemsAtOnce(edge, slotConfig, env)).toEqual([])
    expectAgreement(start, about, env)
  })

  test('the part is in the artefact if a setting is open, and a build with all variables leaves none open', () => {
    expect(slotPartsOf(compiled)).toHaveLength(compiled.open.length === 0 ? 0 : 1)
    const closed = build(edge, slotConfig, good)
    expect([closed.open, slotPartsOf(closed)]).toEqual([[], []])
  })

  test('a bad value is refused in the words of resolveConfig', () => {
    for (const name of Object.keys(good))
      for (const value of [...VALUES, ...Object.values(good)])
        expectAgreement(start, about, { ...env, [name]: value })
  })

  test('missing variables and secrets are refused together', () => {
    expectAgreement(start, about, {})
  })

  test('any values are refused alike, whichever are there when building', () => {
    const values = fc.record(
      Object.fromEntries(
        Object.entries(good).map(([name, value]) => [
          name,
          fc.record({
            value: fc.oneof(fc.constant(value), fc.constantFrom(...VALUES, ...Object.values(good))),
            early: fc.boolean(),
          }),
        ]),
      ),
    )
    fc.assert(
      fc.property(values, (chosen) => {
        const all = Object.entries(chosen)
        const early = all.filter((entry) => entry[1].early)
        const toEnv = (entries: typeof all): Env =>
          Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
        const startEnv = { ...env, ...toEnv(all) }
        const built = outcomeOf(() => build(edge, slotConfig, toEnv(early)))
        if (built.accepted !== undefined)
          return expectAgreement(startOf(built.accepted, edge), about, startEnv)
        const atOnce = outcomeOf(() =>
          resolveConfig(slotConfig.config, { ...edge.environment, stage: slotConfig.stage, env: startEnv }),
        ).problems
        // Of three issuers with the same `iss`, a build may know two.
        const unnamed = (problem: string) => problem.replace(/(is the same as issuers\.)[^.]+/, '$1')
        expect(atOnce.map(unnamed)).toEqual(expect.arrayContaining(built.problems.map(unnamed)))
      }),
      { numRuns: 60 },
    )
  })
})

const inIssuer = (members: object): LanekeeperConfig => ({
  ...GOOD,
  issuers: { main: { ...GOOD.issuers['main'], ...members } as LanekeeperConfig['issuers'][string] },
})

test('the hash of a plan covers the templates, and not the values', () => {
  const hashOf = (issuer: string, env: Env = {}) =>
    compileFor(AWS_EDGE, inIssuer({ issuer }), { env }, true).plan.hash
  expect(hashOf('${env:A}', { B: 'https://b.example' })).toBe(hashOf('${env:A}'))
  expect(hashOf('${env:B}')).not.toBe(hashOf('${env:A}'))
  expect(hashOf('https://${env:A}')).not.toBe(hashOf('${env:A}'))
})

test('a plan with slots and no part to fill them is not read', () => {
  const { plan } = compileFor(AWS_EDGE, inIssuer({ issuer: '${env:A}' }), {}, true)
  expect(() => fill(plan, 'aws', { A: 'https://a.example' })).toThrow(TypeError)
})

test('a build refuses what no value mends', () => {
  const config = inIssuer({
    issuer: '${env:A}',
    keys: { jwks_uri: 'http://plain.example' },
    audience: ['${env:B}', 'x', 'x'],
    tenants: ['${env:C}'],
  })
  expect(outcomeOf(() => compileFor(AWS_EDGE, config, {}, true)).problems).toEqual([
    'issuers.main.audience: lists "x" twice []',
    'issuers.main.keys.jwks_uri: must use https (http is for localhost, 127.0.0.1 and [::1] only) []',
    'issuers.main.tenants: is not for rfc9068 []',
  ])
})

test('the address of keys that a build fetches cannot be open', () => {
  const problemsWith = (keys: object) =>
    outcomeOf(() =>
      compileFor(
        AWS_EDGE,
        inIssuer({ issuer: 'https://a.example/${env:A}', audience: '${env:B}', keys }),
        {},
        true,
      ),
    ).problems
  const needs = (setting: string, variable: string) =>
    `issuers.main.${setting}: needs the environment variable ${variable} when it is built; set it or pass --env-file [${variable}]`
  const bundled = { maxAgeSeconds: 3_600 }
  expect(problemsWith({ discovery: 'openid-configuration', bundled })).toEqual([needs('issuer', 'A')])
  expect(problemsWith({ jwks_uri: '${env:C}', bundled })).toEqual([
    needs('issuer', 'A'),
    needs('keys.jwks_uri', 'C'),
  ])
  expect(problemsWith({ jwks_uri: '${env:C}' })).toEqual([])
})

test.each([
  { strategy: 'table' },
  { authorizers: { orders: { strategy: 'table' } } },
] satisfies LanekeeperConfig['aws'][])('the resources of a table cannot be open: %j', (aws) => {
  const audience = ['https://a.example/orders', 'https://a.example/other']
  const problemsWith = (more: object) => {
    const config = { ...inIssuer({ issuer: '${env:A}', audience }), ...more, aws }
    return outcomeOf(() => compileFor(AWS_EDGE, config, {}, true)).problems
  }
  const resources = [{ identifier: 'https://a.example/${env:B}', name: '${env:C}' }]
  expect(problemsWith({ resources })).toEqual([
    'resources[0].identifier: needs the environment variable B when it is built; set it or pass --env-file [B]',
  ])
  expect(problemsWith({})).toEqual([])
})

const SUBSTITUTED = /^(?:issuers|resources|origin|publicUrls|revocation|dpop|mtls)\b/
/** Without `keys.bundled`, with which a build needs the address of the keys. */
const withoutBundled = (config: LanekeeperConfig): LanekeeperConfig =>
  JSON.parse(
    JSON.stringify(config, (name, value: unknown) => (name === 'bundled' ? undefined : value)),
  ) as LanekeeperConfig

const EVERY_STRING = Object.values(FULL_CONFIGS)
  .map(withoutBundled)
  .flatMap((config) => stringsIn(config, '').map((path) => [path, config] as const))
const compileWith = (config: LanekeeperConfig, path: string) =>
  outcomeOf(() =>
    compileFor(
      CLOUDFLARE_EDGE,
      withString(config, path, '${env:MISSING}'),
      { ...FULL_ENVIRONMENT, secretKinds: undefined },
      true,
    ),
  )

test('every setting with a string may be open, or a build says which variable it needs', () => {
  const open = new Set<string>()
  for (const [path, config] of EVERY_STRING.filter(([path]) => SUBSTITUTED.test(path))) {
    const { problems, accepted } = compileWith(config, path)
    if (accepted !== undefined) {
      expect(accepted.open).toEqual([{ path, variable: 'MISSING' }])
      open.add(settingAt(path))
    } else
      expect(problems).toContain(
        `${path}: needs the environment variable MISSING when it is built; set it or pass --env-file [MISSING]`,
      )
  }
  expect([...open].sort()).toEqual([...OPEN_SETTINGS].sort())
})

test('the table of configurations has every setting that may be open', () => {
  const open = EDGES.flatMap((edge) =>
    Object.values(SLOT_CONFIGS).flatMap((each) => build(edge, each, {}).open),
  )
  expect([...new Set(open.map(({ path }) => settingAt(path)))].sort()).toEqual([...OPEN_SETTINGS].sort())
})

test('in other sections the text stays as it is written', () => {
  const outside = EVERY_STRING.filter(([path]) => !SUBSTITUTED.test(path))
  expect(outside.length).toBeGreaterThan(0)
  for (const [path, config] of outside) {
    const { problems, accepted } = compileWith(config, path)
    expect(accepted?.open ?? [], path).toEqual([])
    expect(problems.filter((problem) => problem.includes('when it is built'))).toEqual([])
  }
})
