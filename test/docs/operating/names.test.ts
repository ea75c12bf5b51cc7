// Every name in examples/operate is one that the code writes: namespaces, metrics, dimensions and their values, members
// of log lines, columns of data points. Logs Insights and Analytics Engine run nowhere but at AWS and Cloudflare, so
// their functions and commands are compared with the manuals here; `npm run test:operate` runs the SQL in ClickHouse.

import { beforeAll, describe, expect, test } from 'vitest'
import { createEmfReport } from '../../../functions/aws/emf-report.ts'
import { ANALYTICS_BLOBS } from '../../../functions/cloudflare/analytics.ts'
import { FAILURES, type DecisionReport, type ReportEvent } from '../../../shared/index.ts'
import { readInsights, readSamples } from '../../operate/alarms.ts'
import { fillIn, readQueries, readTemplate, readText } from '../../operate/files.ts'

/** Every outcome of every event: TypeScript refuses an event that is missing, and one that is none. */
const OUTCOMES: { readonly [Event in ReportEvent as Event['event']]: readonly Event['outcome'][] } = {
  decision: ['allow', 'deny', 'would_deny'],
  keys: ['refreshed', 'failed', 'adopted'],
  secret: ['loaded', 'failed'],
  origin: ['failed'],
  preflight: ['answered', 'passed'],
  revocation: ['loaded', 'failed', 'full', 'received', 'refused'],
  replay: ['full', 'failed'],
  config: ['accepted'],
}
const BLAMES: readonly NonNullable<DecisionReport['blame']>[] = ['client', 'issuer', 'operator']
const CODES = new Set<string>([...Object.keys(FAILURES), 'access_token', 'public'])

/** Every member of every event, but those of `detail`: TypeScript refuses one that is missing, and one that is none. */
type Member = {
  [Event in ReportEvent['event']]: keyof Extract<ReportEvent, { event: Event }>
}[ReportEvent['event']]
const MEMBERS: Readonly<Record<Member, true>> = {
  ...{
    event: true,
    outcome: true,
    code: true,
    blame: true,
    detail: true,
    method: true,
    requestId: true,
    route: true,
  },
  ...{
    issuer: true,
    client: true,
    token: true,
    remembered: true,
    fetches: true,
    ms: true,
    plan: true,
    version: true,
  },
  ...{
    keys: true,
    refused: true,
    host: true,
    url: true,
    status: true,
    secret: true,
    entries: true,
    seconds: true,
  },
  ...{ dropped: true, setting: true, message: true },
}

/** By metric: the sets of its dimensions, as text. */
const METRICS = new Map<string, Set<string>>()

const toText = (dimensions: readonly string[]): string => dimensions.toSorted().join(',')

beforeAll(() => {
  const report = createEmfReport({
    namespace: 'Orders',
    write: (line) => {
      for (const { namespace, metric, dimensions } of readSamples(line)) {
        expect(namespace).toBe('Orders')
        METRICS.set(metric, (METRICS.get(metric) ?? new Set()).add(toText(Object.keys(dimensions))))
      }
    },
  })
  report({ event: 'decision', outcome: 'deny', code: 'keys_unavailable', blame: 'issuer', route: 'GET /x' })
  report({ event: 'keys', outcome: 'failed', issuer: 'main', code: 'timeout', keys: 0, refused: [] })
})

/** Metrics of AWS that the files use. AWS Lambda and API Gateway developer guides, "metrics". */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda': ['Invocations', 'Errors', 'Throttles', 'Duration'],
  'AWS/ApiGateway': ['5xx', 'Count', '5XXError'],
}
const DIMENSIONS_OF_AWS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OF_AWS['AWS/Lambda']!.map((metric) => [metric, 'FunctionName'])),
  ...{ '5xx': 'ApiId,Stage', Count: 'ApiId,Stage', '5XXError': 'ApiName,Stage' },
}

const eventOf = (dimensions: Readonly<Record<string, string>>): ReportEvent['event'] =>
  (dimensions['Event'] ?? 'decision') as ReportEvent['event']

/** A metric with these dimensions, of which some have a value, is written. */
function expectWritten(
  namespace: string,
  metric: string,
  names: readonly string[],
  values: Record<string, string>,
) {
  if (namespace.startsWith('AWS/')) {
    expect([namespace, OF_AWS[namespace]]).toEqual([namespace, expect.arrayContaining([metric])])
    expect([metric, toText(names)]).toEqual([metric, DIMENSIONS_OF_AWS[metric]])
    return
  }
  expect(namespace).toBe('Orders')
  expect([metric, [...(METRICS.get(metric) ?? [])]]).toEqual([
    metric,
    expect.arrayContaining([toText(names)]),
  ])
  const { Outcome, Code, Blame } = values
  const event = eventOf(values)
  expect(Object.keys(OUTCOMES)).toContain(event)
  if (Outcome !== undefined)
    expect([event, OUTCOMES[event]]).toEqual([event, expect.arrayContaining([Outcome])])
  if (Code !== undefined) expect(CODES).toContain(Code)
  if (Blame !== undefined) expect(BLAMES).toContain(Blame)
}

const PARAMETERS = { Namespace: 'Orders' }

test('alarms.yml', () => {
  const alarms = Object.values(readTemplate('alarms.yml').Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => fillIn(Properties, PARAMETERS))
  let compared = 0
  for (const alarm of alarms) {
    const stats = alarm.Metrics?.flatMap((one: any) => (one.MetricStat ? [one.MetricStat.Metric] : [])) ?? [
      alarm,
    ]
    for (const { Namespace, MetricName, Dimensions } of stats) {
      const values = Object.fromEntries(Dimensions.map(({ Name, Value }: any) => [Name, Value]))
      expectWritten(
        Namespace,
        MetricName,
        Object.keys(values),
        typeof values.Outcome === 'string' || 'Blame' in values ? values : {},
      )
      compared++
    }
    for (const { Expression } of alarm.Metrics ?? []) {
      if (!Expression?.startsWith('SELECT ')) continue
      const { namespace, metric, dimensions, where } = readInsights(Expression)
      expectWritten(namespace, metric, dimensions, where)
      compared++
    }
    expect((alarm.Metrics ?? []).filter((one: any) => one.MetricStat).length).toBeLessThanOrEqual(10)
  }
  expect(compared).toBeGreaterThan(20)
})

describe('dashboard.yml', () => {
  const { widgets } = JSON.parse(
    fillIn(readTemplate('dashboard.yml').Resources['Dashboard']!.Properties['DashboardBody'], PARAMETERS),
  ) as { widgets: { type: string; x: number; y: number; width: number; height: number; properties: any }[] }

  test('shows metrics that are written', () => {
    const metrics = widgets
      .filter(({ type }) => type === 'metric')
      .flatMap(({ properties }) => properties.metrics)
    expect(metrics.length).toBeGreaterThan(12)
    for (const metric of metrics) {
      const [first] = metric
      if (typeof first === 'string') {
        const [namespace, name, ...rest] = metric.filter((part: unknown) => typeof part === 'string')
        const names = rest.filter((_: string, index: number) => index % 2 === 0)
        const values = Object.fromEntries(
          names.map((one: string, index: number) => [one, rest[2 * index + 1]]),
        )
        expectWritten(namespace, name, names, values)
        continue
      }
      const [, namespace, schema, name, filter] =
        /^SEARCH\('\{"(\w+)",([\w,]+)\} MetricName="(\w+)"(?: Outcome=(.+))?', 'Sum', 300\)$/.exec(
          first.expression,
        )!
      const names = schema!.split(',')
      expectWritten(namespace!, name!, names, {})
      const known = Object.values(OUTCOMES).flat() as string[]
      for (const [, outcome] of (filter ?? '').matchAll(/"(\w+)"/g)) expect(known).toContain(outcome)
      for (const [, dimension] of first.label.matchAll(/PROP\('Dim\.(\w+)'\)/g))
        expect(names).toContain(dimension)
    }
  })

  test('has widgets that do not overlap and fit its 24 columns', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from(
        { length: width * height },
        (_, index) => `${x + (index % width)} ${y + Math.floor(index / width)}`,
      ),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(widgets.every(({ x, width }) => x + width <= 24)).toBe(true)
  })

  test('asks the log for members of its lines', () => {
    const queries = widgets
      .filter(({ type }) => type === 'log')
      .map(({ properties }) => properties.query as string)
    expect(queries).toHaveLength(2)
    for (const query of queries) expectInsights(query.replace(/^SOURCE '[^']+' \| /, ''))
  })
})

/** Members of `detail` that the code writes; `findings.mjs` and the queries name some of them. */
const DETAILS = ['nearest', 'problem', 'looks_like', 'missing', 'why', 'secret', 'status']

/** CloudWatch Logs user guide, "Logs Insights QL query syntax". */
const COMMANDS = ['filter', 'stats', 'sort', 'limit', 'fields']
const FUNCTIONS = ['count', 'count_distinct', 'latest', 'earliest', 'pct', 'max']

function expectInsights(query: string): void {
  const plain = query.replaceAll('`', '')
  for (const command of plain.split(/\s*\|\s*/)) expect(COMMANDS).toContain(/^\w+/.exec(command)![0])
  for (const [, name] of plain.matchAll(/(\w+)\(/g)) expect(FUNCTIONS).toContain(name)
  const aliases = [...plain.matchAll(/ as (\w+)/g)].map(([, name]) => name!)
  const words = plain
    .replace(/"[^"]*"/g, '')
    .match(/@?[A-Za-z_]\w*(?:\.\w+)?/g)!
    .filter(
      (word) =>
        ![...COMMANDS, ...FUNCTIONS, ...aliases, 'by', 'as', 'and', 'in', 'desc', '@timestamp'].includes(
          word,
        ),
    )
  const fields = [...Object.keys(MEMBERS), ...DETAILS.map((name) => `detail.${name}`)]
  expect(words.filter((word) => !fields.includes(word))).toEqual([])
  for (const [, field, value] of plain.matchAll(/(\w+) = "(\w+)"/g)) expectValue(field!, value!)
  for (const [, field, list] of plain.matchAll(/(\w+) in \[([^\]]+)\]/g))
    for (const [, value] of list!.matchAll(/"(\w+)"/g)) expectValue(field!, value!)
}

function expectValue(field: string, value: string): void {
  const known: Readonly<Record<string, readonly string[]>> = {
    event: Object.keys(OUTCOMES),
    outcome: Object.values(OUTCOMES).flat(),
    blame: BLAMES,
    code: [...CODES, 'origin_unreachable'],
  }
  expect([field, known[field]]).toEqual([field, expect.arrayContaining([value])])
}

test('insights.yml', () => {
  const queries = Object.values(readTemplate('insights.yml').Resources)
  expect(queries).toHaveLength(6)
  for (const { Type, Properties } of queries) {
    expect(Type).toBe('AWS::Logs::QueryDefinition')
    expectInsights(Properties['QueryString'])
  }
})

/** https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/ (aggregate, conditional, date and time). */
const ANALYTICS_FUNCTIONS = [
  'COUNT',
  'SUM',
  'MIN',
  'MAX',
  'quantileExactWeighted',
  'if',
  'toStartOfInterval',
  'NOW',
]

/** What a column is called where it is not called as the member: `rule` is `route`, and `time` is a timestamp. */
const CALLED: Readonly<Record<string, string>> = { rule: 'route' }

describe('queries.sql', () => {
  const queries = readQueries()

  test('has the queries that it should', () => {
    expect(queries.map(({ title }) => title.split(/[:,]/)[0])).toEqual([
      ...Array.from({ length: 4 }, () => 'alarm'),
      ...Array.from({ length: 3 }, () => 'dashboard'),
      'which configuration and version answers',
      'report-only',
    ])
  })

  test.each(queries.map(({ title, sql }) => [title, sql] as const))('%s', (_, sql) => {
    expect(sql).toMatch(/^SELECT /)
    expect(sql).not.toMatch(/\b(?:JOIN|UNION|WITH)\b/i)
    for (const [, name] of sql.matchAll(/(\w+)\(/g)) {
      if (!['IN', 'FROM'].includes(name!)) expect(ANALYTICS_FUNCTIONS).toContain(name)
    }
    for (const [, number, name] of sql.matchAll(/blob(\d+) AS (\w+)/g))
      expect(ANALYTICS_BLOBS[Number(number) - 1]).toBe(CALLED[name!] ?? name)
    for (const [, number, value] of sql.matchAll(/blob(\d+) = '(\w+)'/g))
      expectValue(ANALYTICS_BLOBS[Number(number) - 1]!, value!)
    for (const [, number, list] of sql.matchAll(/blob(\d+) IN \(([^)]+)\)/g))
      for (const [, value] of list!.matchAll(/'(\w+)'/g))
        expectValue(ANALYTICS_BLOBS[Number(number) - 1]!, value!)
    for (const [, number] of sql.matchAll(/double(\d+)/g)) expect(Number(number)).toBeLessThanOrEqual(3)
  })

  test('its first lines name the columns', () => {
    const named = [...readText('queries.sql').matchAll(/blob(\d+) (\w+)[,;]/g)].map(
      ([, , name]) => CALLED[name!] ?? name,
    )
    expect(named).toEqual([...ANALYTICS_BLOBS])
  })
})
