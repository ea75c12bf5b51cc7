// The findings of `npm run check:config` in the shipped configuration, and in ones with a mistake. The Worker is
// deployed from a directory of the test, with the shipped wrangler.toml; serverless.yml is in test/system.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import config from '../../lanekeeper.config.ts'
import { ROOT } from '../../cli/build.ts'
import { checkConfig } from '../../cli/config-check.ts'
import { checkTables } from '../../cli/deployment-check.ts'
import type { Edges } from '../../cli/edges.ts'
import { repositoryPackager } from '../../cli/repository-packager.ts'
import { findStages, toComparableConfig } from '../../cli/stage-findings.ts'
import { printStages } from '../../cli/stage-report.ts'
import type { LanekeeperConfig, SecretRef } from '../../shared/index.ts'

const SHIPPED = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').replace(
  /^main = .*$/m,
  'main = "worker.ts"',
)

let root: string

const deploys = (toml: string, worker = 'export default {}') => {
  writeFileSync(join(root, 'wrangler.toml'), toml)
  writeFileSync(join(root, 'worker.ts'), worker)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanekeeper-check-'))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  deploys(SHIPPED)
})

afterEach(() => rmSync(root, { recursive: true }))

async function check(
  checked: LanekeeperConfig = config,
  env: Record<string, string> = {},
): Promise<{ exitCode: number; lines: string[] }> {
  let printed = ''
  const exitCode = await checkConfig(checked, {
    root,
    env,
    packager: repositoryPackager,
    print: (text) => void (printed += `${text}\n`),
    printError: (text) => expect.unreachable(text),
  })
  return { exitCode, lines: toLines(printed) }
}

const toLines = (printed: string): string[] =>
  printed.split('\n').map((line) => line.replace(/ +/g, ' ').trim())

const BOTH: Edges = { hasWorker: true, hasLambda: true }

/** The findings about the stages where these edges are deployed. */
function describeStages(
  checked: LanekeeperConfig = config,
  env: Record<string, string> = {},
  edges: Edges = BOTH,
): string[] {
  let printed = ''
  printStages(findStages(checked, env, edges), checked, (text) => void (printed += `${text}\n`))
  return toLines(printed)
}

/** The change to lanekeeper.config.ts. */
interface Draft {
  issuers: { main: Record<string, unknown> }
  routes: { path: string; methods: string[]; reportOnly?: boolean }[]
  aws: { resultTtlSeconds?: number; authorizers?: { token: { strategy: string } } }
  origin?: unknown
  stages?: Record<
    string,
    { issuers?: { main: Record<string, unknown> }; origin?: unknown; reportOnly?: boolean }
  >
}

function changed(change: (draft: Draft) => void): LanekeeperConfig {
  const draft = structuredClone(config) as unknown as Draft
  change(draft)
  return draft as unknown as LanekeeperConfig
}

test('the shipped configuration starts in every stage, given what the deployment supplies', async () => {
  expect((await check()).exitCode).toBe(0)
  const lines = describeStages()
  expect(lines).toContain('production ok ok 86730 s')
  expect(lines).toContain('staging ok ok 86730 s')
  expect(lines).toContain('local ok ok LOCAL_ISSUER LOCAL_AUDIENCE LOCAL_INTROSPECTION_KEY LOCAL_ORIGIN')
  // A finding about several stages is printed once.
  expect(lines.filter((line) => line.includes('RFC 9728'))).toEqual([
    expect.stringMatching(/^production, staging: /),
  ])
  expect(lines.filter((line) => line.endsWith('at most, in each instance'))).toEqual([
    'production, staging: at most, in each instance',
  ])
})

test('an edge that is not deployed from here is left out, with the delay that only it would add', () => {
  const worker = describeStages(config, {}, { hasWorker: true, hasLambda: false })
  expect(worker).toContain('production ok left out 86430 s')
  expect(worker.join('\n')).not.toMatch(/gateway/i)
  const lambda = describeStages(config, {}, { hasWorker: false, hasLambda: true })
  expect(lambda).toContain('production left out ok 86730 s')
  expect(lambda.join('\n')).toContain('300 kept by the gateway')
})

test('a Worker alone gets no findings about API Gateway', async () => {
  const { exitCode, lines } = await check()
  expect(exitCode).toBe(0)
  expect(lines).toContain('staging ok left out 86430 s')
  expect(lines.join('\n')).not.toMatch(/gateway|serverless/i)
})

test('without any file of a deployment both edges are checked, and a note says that nothing is compared', async () => {
  rmSync(join(root, 'wrangler.toml'))
  const { exitCode, lines } = await check()
  expect(exitCode).toBe(0)
  expect(lines).toContain('production ok ok 86730 s')
  expect(lines.filter((line) => line.includes('wrangler.toml'))).toEqual([
    'There is neither wrangler.toml nor serverless.yml here: the configuration is checked for both edges, and compared with nothing.',
  ])
  expect(lines.join('\n')).not.toMatch(/^Compared|look for yourself/m)
  const mistaken = await check(changed((draft) => void (draft.routes[0]!.methods = [])))
  expect(mistaken.exitCode).toBe(1)
})

test('a table that cannot be used is a problem without serverless.yml, too', async () => {
  rmSync(join(root, 'wrangler.toml'))
  const { exitCode, lines } = await check(changed(reportsOnPost))
  expect(exitCode).toBe(1)
  expect(lines.filter((line) => line.startsWith('problem: '))).toEqual([
    expect.stringMatching(
      /^problem: strategy of token: .*report-only.*; use exact \(production, staging, local\)$/,
    ),
  ])
})

test('variables of the environment are not listed as missing', () => {
  const lines = describeStages(config, {
    LOCAL_ISSUER: 'http://127.0.0.1:4403',
    LOCAL_ORIGIN: 'http://127.0.0.1:4405',
  })
  expect(lines).toContain('local ok ok LOCAL_AUDIENCE LOCAL_INTROSPECTION_KEY')
})

test('a mistake is named with its stage and path', async () => {
  const mistaken = changed((draft) => {
    draft.stages!['staging']!.issuers!.main['audience'] = ''
  })
  expect((await check(mistaken)).exitCode).toBe(1)
  const lines = describeStages(mistaken)
  expect(lines).toContain('production ok ok 86730 s')
  expect(lines).toContain('staging refused refused')
  expect(lines).toContain('issuers.main.audience: must be a list of at least one non-empty string')
})

test('an old name is one warning for all stages that have it', async () => {
  const { exitCode, lines } = await check(
    changed((draft) => {
      Object.assign(draft.issuers.main, { issuer: 'https://acme.eu.auth0.com/', profile: 'auth0' })
      draft.stages!['staging']!.issuers!.main['issuer'] = 'https://acme-staging.eu.auth0.com/'
    }),
  )
  expect(lines.filter((line) => line.includes('auth0 is called'))).toEqual([
    'production, staging: warning: issuers.main.profile: auth0 is called auth0-rfc9068 now; the old name goes away in 0.3.0',
  ])
  expect(exitCode).toBe(0)
})

test('an old name is a warning in a stage whose variables are not set here', async () => {
  const { lines } = await check(
    changed((draft) => {
      draft.stages!['staging']!.issuers!.main['audience'] = '${env:AUDIENCE}'
      Object.assign(draft.stages!['staging']!.issuers!.main, { profile: 'auth0-legacy' })
    }),
  )
  expect(lines.filter((line) => line.includes('auth0-legacy is called'))).toEqual([
    'staging: warning: issuers.main.profile: auth0-legacy is called auth0-token-profile now; the old name goes away in 0.3.0',
  ])
})

test('one mistake in every stage is named once, and a route by its methods and path', async () => {
  const { exitCode, lines } = await check(
    changed((draft) => {
      draft.routes[3]!.path = '/orders//{id}'
    }),
  )
  expect(exitCode).toBe(1)
  const at = lines.findIndex((line) => line.startsWith('routes[3].path'))
  expect(lines[at]).toMatch(/^routes\[3\]\.path \(GET \/orders\/\/\{id\}\): /)
  expect(lines[at - 1]).toBe('production, staging, local')
  expect(lines.filter((line) => line.startsWith('routes[3].path'))).toHaveLength(1)
})

test('a stage is compared whatever its variables are', () => {
  const open = changed((draft) => {
    draft.issuers.main['audience'] = '${env:API_URL}'
    draft.origin = { url: '${env:ORIGIN_URL}' }
    Object.assign(draft, { resources: [{ identifier: '${env:API_URL}' }] })
    for (const stage of Object.values(draft.stages!)) delete stage.origin
  })
  const findings = findStages(open, {}, { hasWorker: true, hasLambda: true })
  const production = findings.find(({ stage }) => stage === 'production')!
  expect([production.worker.problems, production.lambda.problems]).toEqual([[], []])
  expect(toComparableConfig(open, production, {})?.routes).toHaveLength(config.routes.length)
  const refused = changed((draft) => void (draft.routes[0]!.methods = []))
  const [first] = findStages(refused, {}, { hasWorker: true, hasLambda: true })
  expect(toComparableConfig(refused, first!, {})).toBeNull()
})

test('an unregistered method is one warning, and does not stop the deployment', async () => {
  const warnings = async (method: string) => {
    const { exitCode, lines } = await check(
      changed((draft) => {
        draft.routes.find(({ path }) => path === '/orders')!.methods.push(method)
      }),
    )
    expect(exitCode).toBe(0)
    return lines.filter((line) => line.startsWith('warning: '))
  }
  expect(await warnings('GETT')).toEqual([
    expect.stringMatching(
      /^warning: routes\[\d+\]\.methods .*: GETT is no registered method, the nearest is GET$/,
    ),
  ])
  expect(await warnings('PURGE')).toEqual([])
})

const reportsOnPost = (draft: Draft) => {
  draft.routes.find(({ path, methods }) => path === '/orders' && methods[0] === 'POST')!.reportOnly = true
}

test('a report-only route is named, and cannot be in a table; a Worker alone has no table', async () => {
  const [production] = findStages(changed(reportsOnPost), {}, BOTH)
  expect(checkTables(production!.lambda.resolved!).map(({ message }) => message)).toEqual([
    expect.stringContaining('the route is report-only'),
  ])
  expect((await check(changed(reportsOnPost))).exitCode).toBe(0)
  const exact = await check(
    changed((draft) => {
      reportsOnPost(draft)
      draft.aws.authorizers!.token.strategy = 'exact'
    }),
  )
  expect(exact.exitCode).toBe(0)
  expect(exact.lines).toContain('production, staging: report-only, nothing is refused: POST /orders')
})

test('a report-only stage is named', async () => {
  const { lines } = await check(
    changed((draft) => {
      draft.aws.authorizers!.token.strategy = 'exact'
      draft.stages!['production'] = { reportOnly: true }
    }),
  )
  expect(lines).toContain('production: report-only, nothing is refused: everything')
  expect(lines.join()).not.toContain('staging: report-only, nothing is refused: everything')
})

test('what bundled keys mean is said for each issuer that has them', async () => {
  const note = (name: string, seconds: number) =>
    `issuers.${name}.keys.bundled: until its first fetch ends, a new instance accepts a key that was withdrawn ` +
    `since the build, for at most ${seconds} s after the build`
  const { exitCode, lines } = await check(
    changed((draft) => {
      for (const issuer of Object.values(draft.issuers) as { keys: object }[])
        issuer.keys = { ...issuer.keys, bundled: { maxAgeSeconds: 3_600 } }
    }),
  )
  expect(exitCode).toBe(0)
  const [name] = Object.keys(config.issuers)
  expect(lines.filter((line) => line.includes(note(name!, 3_600)))).toHaveLength(1)
  expect((await check()).lines.join()).not.toContain('keys.bundled')
})

test('a withdrawn key of signed answers counts for as long as a bundled key may', () => {
  const linesWith = (maxAgeSeconds: number) =>
    describeStages(
      changed((draft) => {
        introspectedWith(draft, { env: 'OUR_SECRET' })
        draft.issuers.main['keys'] = { discovery: 'openid-configuration', bundled: { maxAgeSeconds } }
      }),
      { OUR_SECRET: 'x' },
    ).join()
  expect(linesWith(7_200)).toContain('7200 withdrawn key of signed answers')
  expect(linesWith(60)).toContain('3600 withdrawn key of signed answers')
})

test('a setting of wrangler.toml that could fail open is refused, in every environment', async () => {
  deploys(SHIPPED.replace('[env.staging]', '[env.staging]\nworkers_dev = true'))
  const { exitCode, lines } = await check()
  expect(exitCode).toBe(1)
  expect(lines.filter((line) => line.includes('workers_dev'))).toEqual([
    "staging: workers_dev: the workers.dev address has none of the zone's settings; set workers_dev = false",
  ])
})

test('a finding that every environment inherits is printed once', async () => {
  deploys(SHIPPED.replace('workers_dev = false', 'workers_dev = true'))
  const { lines } = await check()
  expect(lines.filter((line) => line.includes('workers_dev'))).toEqual([
    expect.stringMatching(/^\(top\), staging: workers_dev: /),
  ])
})

test('passThroughOnException in the deployed source is refused', async () => {
  expect((await check()).lines.join()).not.toContain('passThroughOnException')
  deploys(SHIPPED, 'export default {\n  fetch: (_, env, context) => context.passThroughOnException(),\n}')
  const { exitCode, lines } = await check()
  expect(exitCode).toBe(1)
  expect(lines.filter((line) => line.includes('passThroughOnException'))).toEqual([
    expect.stringMatching(/^worker\.ts:2: passThroughOnException lets .*; take it out$/),
  ])
})

test('a module that cannot be read is a problem, too', async () => {
  deploys(SHIPPED, 'export default {')
  const { exitCode, lines } = await check()
  expect(exitCode).toBe(1)
  expect(lines.join('\n')).toContain('main: cannot be searched for passThroughOnException: ')
})

test('a note names the settings that only the dashboard shows', async () => {
  const { lines } = await check()
  expect(lines.filter((line) => line.startsWith('look for yourself: '))).toHaveLength(4)
  expect(lines.join('\n')).toContain('that each route fails closed')
})

test('without an origin the Lambda is fine and the Worker is not', async () => {
  const without = changed((draft) => {
    for (const place of [draft, ...Object.values(draft.stages!)]) delete place.origin
  })
  expect((await check(without)).exitCode).toBe(0)
  expect(describeStages(without)).toContain('production no origin ok 86730 s')
})

const introspectedWith = (draft: Draft, secret: SecretRef) => {
  draft.issuers.main['introspection'] = {
    endpoint: 'https://login.example.com/introspect',
    cacheSeconds: 90,
    authentication: 'client_secret_basic',
    clientId: 'gateway',
    secret,
    response: 'jwt',
  }
}

test('how late a revocation may be seen is one number for each stage, and a sum for each issuer', () => {
  const lines = describeStages(
    changed((draft) => {
      introspectedWith(draft, { env: 'OUR_SECRET' })
      delete draft.issuers.main['algorithms']
      draft.issuers.main['maxLifetimeSeconds'] = 600
      draft.aws = { resultTtlSeconds: 300 }
    }),
    { OUR_SECRET: 'x' },
  )
  expect(lines).toContain('production ok ok 3992 s')
  expect(lines).toContain(
    'main, opaque tokens: 3992 s = 90 cached + 2 introspection under way + 3600 withdrawn key of signed answers + 300 kept by the gateway',
  )
  expect(lines).toContain('main, JWTs: 930 s = 600 until exp + 30 clock tolerance + 300 kept by the gateway')
})

test.each<[SecretRef, string, string, number]>([
  [{ env: 'OUR_SECRET' }, 'ok', 'ok', 0],
  [{ secretsStore: 'OURS' }, 'ok', 'refused', 0],
  [{ secretsManager: 'ours' }, 'refused', 'ok', 1],
])('a secret at %j is for the Worker: %s, for the Lambda: %s', async (secret, worker, lambda, expected) => {
  const own = changed((draft) => introspectedWith(draft, secret))
  const said = (edges: Edges) => describeStages(own, {}, edges).find((line) => line.startsWith('production '))
  expect(said(BOTH)).toMatch(new RegExp(`^production ${worker} ${lambda}`))
  expect(said({ hasWorker: false, hasLambda: true })).toMatch(new RegExp(`^production left out ${lambda}`))
  const { exitCode, lines } = await check(own)
  expect(exitCode).toBe(expected)
  expect(lines.find((line) => line.startsWith('production '))).toMatch(
    new RegExp(`^production ${worker} left out`),
  )
})

test('a stage of wrangler.toml that the configuration does not have is named, with those it has', async () => {
  const { exitCode, lines } = await check(
    changed((draft) => {
      const { production, ...others } = draft.stages!
      draft.stages = { prodution: production!, ...others }
    }),
  )
  expect(exitCode).toBe(1)
  expect(lines).toContain(
    '(top): vars: LANEKEEPER_STAGE: is "production", which is no stage; the configuration has: prodution, staging, local',
  )
})

test('and so is one where the configuration has none', async () => {
  const unstaged = changed((draft) => delete draft.stages)
  const { exitCode, lines } = await check(unstaged)
  expect(exitCode).toBe(1)
  expect(lines).toContain(
    'staging: vars: LANEKEEPER_STAGE: is "staging", and the configuration has no stages; take it out',
  )
  const withoutVariables = SHIPPED.replaceAll(/^LANEKEEPER_STAGE = .*$/gm, '')
  deploys(withoutVariables)
  expect((await check(unstaged)).exitCode).toBe(1)
  deploys(withoutVariables.replaceAll(/ --stage \w+/g, ''))
  expect((await check(unstaged)).exitCode).toBe(0)
})
