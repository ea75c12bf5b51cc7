// The configuration that init makes, as data and as the text of lanekeeper.config.ts. The text has the same values, and
// no text of a person or an issuer outside of a string.

import type { IssuerConfig, LanekeeperConfig } from '../../shared/index.ts'
import type { Answers } from './answers.ts'
import type { FoundIssuer } from './issuer.ts'
import { printValue } from './quote.ts'

const oneOrList = (values: readonly string[]) => (values.length === 1 ? values[0]! : values)

/** Whether the algorithms differ from those that count without the setting. */
const needsAlgorithms = (algorithms: readonly string[] | null): algorithms is readonly string[] =>
  algorithms !== null && algorithms.length > 0 && algorithms.join() !== 'RS256'

function toIssuerConfig({ provider, audiences, clients }: Answers, found: FoundIssuer): IssuerConfig {
  const { profile, scopes } = provider
  return {
    issuer: found.issuer,
    ...(audiences.length > 0 ? { audience: oneOrList(audiences) } : {}),
    ...(clients.length > 0 ? { clients } : {}),
    profile,
    ...(scopes === undefined ? {} : { scopes }),
    keys: found.keys,
    ...(needsAlgorithms(found.algorithms) ? { algorithms: found.algorithms } : {}),
  } as IssuerConfig
}

const toOrigin = (origin: NonNullable<Answers['origin']>) =>
  origin === 'sample' ? { binding: 'ORIGIN' } : { url: origin.url }

export const toConfig = (answers: Answers, found: FoundIssuer): LanekeeperConfig => ({
  ...(answers.reportOnly ? { reportOnly: true } : {}),
  issuers: { [answers.provider.issuerName]: toIssuerConfig(answers, found) },
  routes: answers.routes,
  ...(answers.origin === null ? {} : { origin: toOrigin(answers.origin) }),
  ...(answers.aws === null ? {} : { aws: { resultTtlSeconds: 0 } }),
})

/** What stands behind each member of the issuer's entry. */
function commentsFor({ provider }: Answers, { metadataUrl }: FoundIssuer): Readonly<Record<string, string>> {
  return {
    issuer:
      metadataUrl === null
        ? 'UNCONFIRMED: compare it with `iss` of an access token'
        : 'the exact `iss` of its access tokens, as its metadata says',
    audience: provider.audience,
    clients: 'the clients whose tokens are accepted',
    [provider.scopes === undefined ? 'profile' : 'scopes']: provider.note,
    keys: 'its metadata names its keys, which are fetched when a token needs them',
    algorithms: 'those of its keys',
  }
}

const MAX_WIDTH = 120

/** The comment behind the line, or above it where both are too long for one. */
function withComment(line: string, comment: string | undefined): readonly string[] {
  if (comment === undefined) return [line]
  const both = `${line} // ${comment}`
  const indent = /^ */.exec(line)![0]
  return both.length <= MAX_WIDTH ? [both] : [`${indent}// ${comment}`, line]
}

function printIssuer(answers: Answers, found: FoundIssuer, config: LanekeeperConfig): readonly string[] {
  const [[name, entry]] = Object.entries(config.issuers) as [[string, object]]
  const comments = commentsFor(answers, found)
  return [
    `    ${name}: {`,
    ...Object.entries(entry).flatMap(([member, value]) =>
      withComment(`      ${member}: ${printValue(value)},`, comments[member]),
    ),
    '    },',
  ]
}

const REPORT_ONLY = '// Refusals are logged (`would_deny`), and every request passes.'

function printReportOnly(isOn: boolean): readonly string[] {
  return isOn
    ? [`  ${REPORT_ONLY} To enforce them, take this line out.`, '  reportOnly: true,']
    : [`  ${REPORT_ONLY.replace('Refusals', 'With this line, refusals')}`, '  // reportOnly: true,']
}

/** The text of lanekeeper.config.ts. */
export function printConfig(answers: Answers, found: FoundIssuer): string {
  const config = toConfig(answers, found)
  return [
    '// What Lanekeeper enforces on every edge. `npx lanekeeper check` checks it. All settings, providers and routes are in',
    '// node_modules/lanekeeper/docs: configuration.md, providers.md, routes.md. From report-only to enforcing: starting.md.',
    "import { defineConfig } from 'lanekeeper'",
    '',
    'export default defineConfig({',
    ...printReportOnly(answers.reportOnly),
    '  issuers: {',
    ...printIssuer(answers, found, config),
    '  },',
    '  routes: [',
    '    // A request that no rule covers is refused. `scope` may be { anyOf } or "none"; a rule may be `public: true`.',
    ...config.routes.map((rule) => `    ${printValue(rule)},`),
    '  ],',
    ...(config.origin === undefined
      ? []
      : withComment(`  origin: ${printValue(config.origin)},`, 'where the Worker sends what it allows')),
    ...(config.aws === undefined
      ? []
      : [
          `  aws: ${printValue(config.aws)}, // API Gateway keeps no answer: aws.md has what a lifetime needs`,
        ]),
    '})',
    '',
  ].join('\n')
}
