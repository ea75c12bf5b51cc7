// The pages say what the code does: tables are made from the code or compared with it, and links lead somewhere.
// `UPDATE_DOCS=1 npx vitest run test/docs test/system/capabilities.test.ts` writes the tables that are made.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  DEFAULTS,
  FAILURE_MEANINGS,
  FAILURES,
  failureRow,
  REQUEST_MS,
  resolveConfig,
  type FailureCode,
  type FailureRow,
} from '../../shared/index.ts'
import { SPOOFABLE_FIELD_READERS } from '../../functions/fetch/spoofable-field-readers.ts'
import { SPOOFABLE_FIELDS } from '../../functions/fetch/spoofable-fields.ts'
import { SETTING_MEANINGS } from '../../shared/config/meanings.ts'
import { ACCESS_MEMBERS, KIND_CLAIMS } from '../../shared/config/issuers/decisive-evidence.ts'
import { FRESHNESS } from '../../shared/keys/freshness.ts'
import { MAX_DOCUMENT_BYTES, MAX_KEYS } from '../../shared/keys/key-endpoint.ts'
import { MAX_ANSWER_BYTES } from '../../shared/introspection/introspection-result.ts'
import { CIRCUIT_POLICY } from '../../shared/introspection/circuit-state.ts'
import {
  ACTIVE_LIMITS,
  INACTIVE_LIMITS,
  INACTIVE_MS,
  KNOWN_TOKEN_LIMITS,
  KNOWN_MS,
} from '../../shared/introspection/cached-lookup.ts'
import { PROVIDER_FACTS } from '../../shared/introspection/providers/facts.ts'
import { SECRET_TIMES } from '../../shared/secrets/secret-times.ts'
import { DECISIVE_SOURCES } from '../../shared/config/issuers/decisive-sources.ts'
import { KIND_SOURCES } from '../../shared/token/kind-sources.ts'
import { PROFILE_SOURCES, type ProfileSources } from '../../shared/token/profile-sources.ts'
import { KIND_ROWS } from '../../shared/token/kind.ts'
import { NO_PROFILE, PROFILES } from '../../shared/token/profiles.ts'
import {
  evidenceText,
  scopeClaimText,
  type ClientCredentialsCondition,
  type Profile,
} from '../../shared/token/profiles/profile.ts'
import type { Principal } from '../../shared/decision.ts'
import { readTargets, toFigures } from '../../bench/readme.ts'
import { readTable } from '../support/markdown.ts'
import { expectTable, HTTP, REST, table, WEBSOCKET } from './made-table.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Every page but the changelog, which names what was there once. */
const PAGES = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const CODES = Object.keys(FAILURES) as FailureCode[]
const code = (text: string) => `\`${text}\``
/** What most people look for; the page has them all. */
const FAMILIAR = ['id_token', 'token_expired', 'audience_mismatch', 'issuer_unknown', 'signature_invalid']

function listed(codes: readonly FailureCode[]): string {
  if (codes.length <= FAMILIAR.length) return codes.map(code).join(', ')
  const familiar = codes.filter((name) => FAMILIAR.includes(name))
  return `${familiar.map(code).join(', ')} and ${codes.length - familiar.length} more`
}

/** One line for all codes that look alike on every edge. */
function outcomes(): string {
  const lines = new Map<string, { row: FailureRow; codes: FailureCode[] }>()
  for (const name of CODES) {
    const row = failureRow(name)
    const key = `${row.status} ${row.error} ${row.gateway}`
    const line = lines.get(key) ?? { row, codes: [] }
    line.codes.push(name)
    lines.set(key, line)
  }
  const rows = [...lines.values()].toSorted((a, b) => a.row.status - b.row.status)
  return table(
    ['Worker', 'error', 'REST API', 'HTTP API', 'WebSocket', 'codes'],
    rows.map(({ row, codes }) => [
      row.status === 503 ? '503, `Retry-After`' : String(row.status),
      row.error === null ? (row.status === 401 ? 'challenge only' : '') : code(row.error),
      REST[row.gateway],
      HTTP[row.gateway],
      WEBSOCKET[row.gateway],
      listed(codes),
    ]),
  )
}

const codes = () =>
  table(
    ['code', 'blame', 'Worker', 'API Gateway', 'kept', 'meaning', 'hint', 'source'],
    CODES.map((name) => {
      const row = failureRow(name)
      return [
        code(name),
        row.blame,
        `${row.status} ${row.error ?? ''}`.trim(),
        row.gateway,
        row.keepable ? 'yes' : 'no',
        FAILURE_MEANINGS[name].meaning,
        row.hint ?? '',
        FAILURE_MEANINGS[name].source,
      ]
    }),
  )

const evidence = () =>
  table(
    ['evidence', 'kind', 'source'],
    KIND_ROWS.map((row) => [code(row.evidence), code(row.kind), KIND_SOURCES[row.evidence]!]),
  )

const PROFILE_LIST: readonly Profile[] = Object.values(PROFILES)
const listOf = (texts: readonly string[]) => texts.map(code).join(', ')

const sourcesOf = ({ name }: { readonly name: string }): ProfileSources =>
  PROFILE_SOURCES[name as keyof typeof PROFILE_SOURCES]

const kinds = () =>
  table(
    [
      'profile',
      '`typ`',
      'evidence of an access token',
      'more evidence of an ID token',
      'waived',
      '`iss` ends with',
      'source',
    ],
    PROFILE_LIST.map((profile) => [
      code(profile.name),
      listOf(profile.typ.map((typ) => typ || 'none')),
      [
        ...profile.evidence.map((group) => code(group.map(evidenceText).join(' | ').replaceAll('|', '\\|'))),
        ...(profile.scopes.standard === null ? ['the claim that `scopes` picks'] : []),
      ].join(', '),
      [
        ...profile.otherKinds.map(({ evidence }) => code(evidenceText(evidence))),
        ...(profile.idTokensHaveMetadataIssuer ? ['`iss` of the metadata'] : []),
      ].join(', '),
      profile.waived
        .map((text) => `${code(text)} (${sourcesOf(profile).waived ?? sourcesOf(profile).profile})`)
        .join(', '),
      profile.issuerEnding === undefined ? '' : code(profile.issuerEnding),
      sourcesOf(profile).profile,
    ]),
  )

const decisive = () =>
  table(
    ['member', 'decides', 'source'],
    [...KIND_CLAIMS, ...ACCESS_MEMBERS].map(({ in: place, name, values }) => [
      `${place === 'header' ? 'header ' : ''}${code(name)}`,
      values === undefined ? 'with another, or `typ`' : `alone, with ${values.map(code).join(', ')}`,
      DECISIVE_SOURCES[name]!,
    ]),
  )

function conditionText(condition: ClientCredentialsCondition): string {
  if ('evidence' in condition) return code(evidenceText(condition.evidence))
  if ('absent' in condition) return `no ${condition.absent.map(code).join(' and no ')}`
  if ('matches' in condition) return `${condition.text} in ${code(condition.claim)}`
  const { equal, prefix, suffix } = condition
  const [before, after] = [
    prefix === undefined ? '' : `${code(prefix)} and `,
    suffix === undefined ? '' : ` and ${code(suffix)}`,
  ]
  return `${code(equal[0])} is ${before}${code(equal[1])}${after}`
}

const tells = (
  {
    clientCredentialsWhen,
    client,
    otherwise,
  }: Pick<Profile, 'clientCredentialsWhen' | 'client' | 'otherwise'>,
  kind: Principal['kind'],
) =>
  [
    ...clientCredentialsWhen
      .filter(({ principal }) => (principal ?? 'client') === kind)
      .map(
        (condition) =>
          `${conditionText(condition)}${[undefined, client].includes(condition.onlyWith) ? '' : ` beside ${code(condition.onlyWith!)}`}`,
      ),
    ...((otherwise ?? 'user') === kind ? ['any other'] : []),
  ].join(', or ')

/** As people know a name: `-ws*` is what `$WS...` becomes. */
const fieldText = (name: string) => code(name.replace(/^-/, '$'))

const fields = () =>
  table(
    ['headers', 'with which a client would claim', 'read by'],
    Object.entries(SPOOFABLE_FIELD_READERS).map(([family, { what, software }]) => [
      SPOOFABLE_FIELDS[family as keyof typeof SPOOFABLE_FIELDS].map(fieldText).join(', '),
      what,
      software,
    ]),
  )

const claims = () =>
  table(
    [
      'profile',
      'scopes',
      'audience',
      'client',
      'user',
      "a client's own token",
      "a user's",
      'unknown',
      'longest `exp - iat`',
    ],
    PROFILE_LIST.map(({ scopes, ...profile }) => [
      code(profile.name),
      [
        scopes.standard === null ? 'has to be picked: ' : '',
        listOf(scopes.choices.map(scopeClaimText)),
        scopes.ofClients === undefined ? '' : `; a client's own: ${code(scopeClaimText(scopes.ofClients))}`,
        scopes.ignored === undefined ? '' : `; never ${listOf(scopes.ignored)}`,
      ].join(''),
      [
        profile.audience === 'aud' ? '`aud`' : '`clients`, or `aud`',
        profile.genericAudiences.length === 0 ? '' : `; not ${listOf(profile.genericAudiences)}`,
      ].join(''),
      code(profile.client),
      code(profile.user),
      tells(profile, 'client'),
      tells(profile, 'user'),
      tells(profile, 'unknown'),
      `${profile.maxLifetimeSeconds / 3_600} hours`,
    ]),
  )

const refusedProfiles = () =>
  table(
    ['provider', 'why'],
    Object.entries(NO_PROFILE).map(([name, why]) => [code(name), why]),
  )

const profiles = () =>
  table(
    ['profile', '`typ`', 'other evidence', 'scopes'],
    PROFILE_LIST.map(({ name, typ, evidence, scopes }) => [
      code(name),
      listOf(typ.map((text) => text || 'none')),
      evidence.map((group) => code(group.map(evidenceText).join(' | ').replaceAll('|', '\\|'))).join(', '),
      listOf(scopes.choices.map(scopeClaimText)),
    ]),
  )

/** What `revoke` reads of a token, by profile. */
const revocable = () =>
  table(
    ['profile', '`jti`', '`sid`', '`sub`', '`client`', '`tenant`'],
    PROFILE_LIST.map(({ name, tokenId, session, user, client, tenant }) => [
      code(name),
      tokenId === null ? '`jti` if it is there' : code(tokenId),
      session === undefined ? '' : code(session),
      user === 'sub' ? code('sub') : `${code('sub')}, ${code(user)}`,
      code(client),
      tenant === undefined ? '' : code(tenant),
    ]),
  )

const settings = () =>
  table(
    ['setting', 'default', 'meaning'],
    Object.entries(SETTING_MEANINGS).map(([path, { default: value, absent, meaning }]) => [
      code(path),
      absent ?? code(JSON.stringify(value)),
      meaning,
    ]),
  )

describe('tables made from the code', () => {
  test.each([
    ['docs/decisions.md', 'decisions', outcomes],
    ['docs/decisions.md', 'codes', codes],
    ['docs/decisions.md', 'evidence', evidence],
    ['docs/configuration.md', 'settings', settings],
    ['docs/cloudflare.md', 'fields', fields],
    ['docs/providers.md', 'profiles', profiles],
    ['docs/providers.md', 'kinds', kinds],
    ['docs/providers.md', 'claims', claims],
    ['docs/providers.md', 'decisive', decisive],
    ['docs/providers.md', 'refused', refusedProfiles],
    ['docs/revocation.md', 'revocable', revocable],
  ])('%s: %s', async (page, name, make) => {
    await expectTable(page, name, make())
  })
})

describe('the results of the benchmark', () => {
  test('are in the table, each target with a verdict that its figures bear out', () => {
    const rows = readTargets()
    expect(rows.length).toBeGreaterThan(12)
    const toNumber = (text: string) => Number(text.replaceAll(',', '').match(/[\d.]+/)![0])
    for (const { what, 'to reach': bound = '', reached = '', met } of rows) {
      const [limit, value] = [toNumber(bound), toNumber(reached)]
      const isMet = bound.startsWith('at least') ? value >= limit : value <= limit
      expect([what, met]).toEqual([what, isMet ? 'yes' : 'no'])
    }
  })

  test('are in the README as in the table', async () => {
    await expectTable('README.md', 'figures', toFigures(readTargets()))
  })

  test('say so when the table lacks a row, or has it twice', () => {
    const rows = readTargets()
    expect(() => toFigures(rows.filter(({ what }) => !what!.includes('against jose')))).toThrow(/^0 rows/)
    expect(() => toFigures([...rows, ...rows])).toThrow(/^2 rows/)
  })
})

test('all evidence of another kind has a source', () => {
  expect(Object.keys(KIND_SOURCES)).toEqual(KIND_ROWS.map(({ evidence }) => evidence))
})

/** Recipes name tests that their reader makes: pages.test.ts looks at them. */
const RECIPE = /^docs\/adding-/

test('every test that a page names is there', () => {
  const missing = PAGES.filter((page) => !RECIPE.test(page)).flatMap((page) =>
    (readFileSync(join(ROOT, page), 'utf8').match(/\btest\/[\w/-]+\.ts\b/g) ?? [])
      .filter((file) => !existsSync(join(ROOT, file)))
      .map((file) => `${page} names ${file}`),
  )
  expect(missing).toEqual([])
})

describe('docs/configuration.md', () => {
  const PAGE = new URL('../../docs/configuration.md', import.meta.url)
  const settings = readTable(PAGE, 'setting', 'default', 'meaning')
  const statedAt = new Map(settings.map(({ setting = '', default: value = '' }) => [setting, value]))
  const stated = Object.fromEntries(
    [...statedAt]
      .filter(([setting]) => !/^(?:dpop|mtls)\./.test(setting))
      .map(([setting, value]) => [setting.split('.').at(-1)!, value]),
  )

  test('states every default as it is', () => {
    const { limits, keys, dpop, mtls, marks: _oldName, ...rest } = DEFAULTS
    expect(statedAt.get('issuers.NAME.keys.timeoutSeconds')).toBe(JSON.stringify(keys.timeoutSeconds))
    const { memoryBytes, ...ofDpop } = dpop
    for (const [name, value] of Object.entries({ ...ofDpop, 'replay.memoryBytes': memoryBytes }))
      expect([name, statedAt.get(`dpop.${name}`)]).toEqual([name, JSON.stringify(value)])
    expect(statedAt.get('mtls.trust')).toBe(JSON.stringify(mtls.trust))
    for (const [name, value] of Object.entries({ ...rest, ...limits }))
      expect([name, stated[name]]).toEqual([name, JSON.stringify(value)])
  })

  test('names every setting that the check knows, and no other', () => {
    const accepts = (path: string): boolean => {
      const [first = '', ...rest] = path.split('.')
      const nest = ([name, ...below]: readonly string[]): unknown => {
        if (name === undefined) return undefined
        return name.endsWith('[]') ? { [name.slice(0, -2)]: [nest(below)] } : { [name]: nest(below) }
      }
      const config: Record<string, unknown> =
        first === 'issuers'
          ? { issuers: { a: nest(rest.slice(1)) } }
          : first.endsWith('[]')
            ? { [first.slice(0, -2)]: [nest(rest)] }
            : first === 'stages'
              ? { stages: { a: {} } }
              : { [first]: nest(rest) }
      try {
        resolveConfig(config as never)
        return true
      } catch (error) {
        return !(error as Error).message.includes('is not a setting')
      }
    }
    const names = settings.map(({ setting = '' }) => setting)
    expect(names.filter((name) => !accepts(name))).toEqual([])
    try {
      resolveConfig({
        issuers: {
          NAME: {
            x: 1,
            senderConstraint: 'any',
            introspection: { x: 1 },
            check: { x: 1 },
            userinfo: { x: 1 },
          },
        },
        routes: [{ x: 1 }],
        resources: [{ x: 1 }],
        identity: { x: 1 },
        origin: { x: 1 },
        dpop: { x: 1, nonce: { x: 1 }, replay: { x: 1 } },
        mtls: { x: 1, header: { x: 1, guard: { x: 1 } } },
        aws: { x: 1 },
        limits: { x: 1 },
      } as never)
    } catch (error) {
      const known = [
        ...(error as Error).message.matchAll(/^ {2}(\S+)\.x: is not a setting; known here: (.*)$/gm),
      ].flatMap(([, path, list]) => list!.split(', ').map((name) => `${path!.replace('[0]', '[]')}.${name}`))
      expect(known.length).toBeGreaterThan(15)
      const isNamed = (name: string) =>
        names.some((listed) => listed === name || listed.startsWith(`${name}.`))
      expect(known.filter((name) => !isNamed(name))).toEqual([])
    }
  })

  test('states the figures of the keys as they are', () => {
    const figures = Object.fromEntries(
      readTable(PAGE, 'what', 'figure').map(({ what = '', figure = '' }) => [what, figure]),
    )
    expect(figures).toEqual({
      'used without a fetch': `${FRESHNESS.freshMs / 60_000} minutes`,
      'used, and refreshed behind the answer': `up to ${FRESHNESS.staleWhileRevalidateMs / 60_000} minutes`,
      'used only if a refresh fails': `up to ${FRESHNESS.staleIfErrorMs / 60_000} minutes, then 503`,
      'unknown `kid`, or none and no key that verifies it': `at most one fetch in ${FRESHNESS.missCooldownMs / 1000} seconds`,
      'the same unknown `kid` again': `no fetch for ${FRESHNESS.missCooldownMs / 1000} seconds, doubling up to ${FRESHNESS.maxAbsenceMs / 60_000} minutes`,
      'failed fetch': `tried again after ${FRESHNESS.backoffMs / 1000} s, doubling up to ${FRESHNESS.maxBackoffMs / 1000} s`,
      'one fetch': `\`timeoutSeconds\` for each answer, ${MAX_DOCUMENT_BYTES / 1024} KiB, ${MAX_KEYS} keys, no redirects, one at a time`,
    })
  })
})

test('the examples of docs/providers.md are good configurations', () => {
  const text = readFileSync(join(ROOT, 'docs/providers.md'), 'utf8')
  const block = /<!-- examples -->\s*```ts\n([\s\S]*?)```/.exec(text)![1]!
  const issuers = new Function(`return {${block}}`)()
  expect(Object.keys(issuers).length).toBeGreaterThan(8)
  const { issuers: resolved } = resolveConfig({
    issuers,
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  })
  expect(new Set([...resolved.values()].map(({ name }) => name))).toEqual(new Set(Object.keys(issuers)))
})

describe('docs/opaque-tokens.md', () => {
  const PAGE = new URL('../../docs/opaque-tokens.md', import.meta.url)
  const tables = readFileSync(PAGE, 'utf8').split(/^## /m)
  const figuresOf = (heading: string) => {
    const section = tables.find((text) => text.startsWith(heading))!
    return [...section.matchAll(/^\| ([^|]+?) +\| ([^|]+?) +\|$/gm)]
      .map(([, what, figure]) => [what, figure])
      .slice(1)
  }

  test('states the figures of what is cached as they are', () => {
    const mebibytes = ACTIVE_LIMITS.maxBytes / 1_048_576
    expect(figuresOf('What is cached').filter(([what]) => what !== '-' && !what!.startsWith('--'))).toEqual([
      [
        'claims of an active token',
        `\`cacheSeconds\`, at most until \`exp\`; ${ACTIVE_LIMITS.maxEntries} entries, ${mebibytes} MiB`,
      ],
      [
        'that a token is not active',
        `${INACTIVE_MS / 1000} seconds, at most \`cacheSeconds\`; ${INACTIVE_LIMITS.maxEntries} entries`,
      ],
      [
        'that a token was active',
        `${KNOWN_MS / 3_600_000} hour, which decides about no request; ${KNOWN_TOKEN_LIMITS.maxEntries} entries`,
      ],
      ['answers that cannot be used', 'not at all'],
      [
        'one answer',
        `\`timeoutSeconds\`, ${MAX_ANSWER_BYTES / 1024} KiB, no redirects, one lookup at a time for each token`,
      ],
    ])
  })

  test('states the figures of trouble as they are', () => {
    const seconds = (ms: number) => `${ms / 1000} s`
    const { maxCalls, shares, failures, unauthorized, answeredMs, openMs, maxOpenMs, refusedMs } =
      CIRCUIT_POLICY
    const share = (standing: keyof typeof shares) => `${100 * shares[standing]} %`
    const openFor = `${seconds(openMs)}, doubling up to ${seconds(maxOpenMs)}`
    const limits = `${openMs / 1000} to ${seconds(maxOpenMs)}, or for ${seconds(maxOpenMs)}`
    expect(figuresOf('When the issuer is in trouble').filter(([what]) => !what!.startsWith('--'))).toEqual([
      ['calls at the same time', `${maxCalls}, the next is \`introspection_busy\``],
      [
        'of these, and of an allowance that answers state',
        `${share('unseen')} at most for tokens that were not active here within ${KNOWN_MS / 3_600_000} hour, ${share('odd')} for those that do not look like the provider's`,
      ],
      [
        `tokens in a row that fail, with no answer about any other for ${seconds(answeredMs)}`,
        `${failures}, then no calls for ${openFor}: \`introspection_held\``,
      ],
      ['our credentials refused (401 with `invalid_client`)', `no calls for ${seconds(refusedMs)}`],
      [
        `tokens in a row with another 401, and no answer about any for ${seconds(answeredMs)}`,
        `${unauthorized}, then calls only for tokens that were active here, for ${seconds(refusedMs)}`,
      ],
      ['too many requests (429)', `no calls for as long as the answer says, ${limits}`],
      ['when that is over', 'one probe; no other call until it is answered'],
      ['one request, all in all', `${REQUEST_MS / 1000} seconds, then \`deadline_exceeded\``],
    ])
  })

  test('states the figures of secrets as they are', () => {
    const seconds = (ms: number) => `${ms / 1000} seconds`
    expect(
      figuresOf('Secrets')
        .filter(([what]) => !what!.startsWith('--'))
        .slice(-6),
    ).toEqual([
      ['used without loading it again', `${SECRET_TIMES.freshMs / 60_000} minutes`],
      ['used only if a load fails', `up to ${SECRET_TIMES.usableMs / 60_000} minutes, then 503`],
      ['failed load', `tried again after ${seconds(SECRET_TIMES.retryMs)}`],
      [
        'refused by the issuer',
        `loaded again at once, then at most once in ${seconds(SECRET_TIMES.renewalMs)}`,
      ],
      ['does not verify a token', `loaded again at most once in ${seconds(SECRET_TIMES.missMs)}`],
      ['one load', `${seconds(SECRET_TIMES.loadMs)}, one at a time`],
    ])
  })

  test('names every provider', () => {
    const named = readTable(
      PAGE,
      'provider',
      'endpoint',
      'our app is',
      '`scope` is',
      'the token is sent in',
    ).map(({ provider = '' }) => provider.replaceAll('`', ''))
    expect(named).toEqual(Object.keys(PROVIDER_FACTS))
  })
})

describe('links and commands', () => {
  test.each(PAGES)('%s links to what is there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!)
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([])
  })

  test.each(PAGES)('%s links to headings that are there', (page) => {
    const anchorsOf = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      )
    const links = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
    const dead = links.filter(([, file = '', anchor = '']) => {
      const target = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), file)
      return !anchorsOf(target).includes(anchor)
    })
    expect(dead.map(([link]) => link)).toEqual([])
  })

  test('the README leads to the providers, to how one is added, and to what a refusal means', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    for (const target of [
      'providers.md',
      'providers.md#a-provider-that-is-not-listed',
      'providers.md#add-a-profile',
      'decisions.md',
    ])
      expect(readme).toContain(`](docs/${target})`)
  })

  test('every npm script that a page names exists', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const namedOn = (page: string) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/npm run (?:-s |--silent )?([\w:]+)/g)].map(
        (match) => match[1]!,
      )
    expect(namedOn('README.md').length).toBeGreaterThan(2)
    const missing = PAGES.flatMap((page) =>
      namedOn(page)
        .filter((name) => !(name in scripts))
        .map((name) => `${page} names ${name}`),
    )
    expect(missing).toEqual([])
  })
})
