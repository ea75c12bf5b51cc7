// What CloudWatch would make of log lines and of alarms.yml: metrics from embedded metric format, and whether an alarm
// fires. Only what alarms.yml uses: Sum, Average, SampleCount, percentiles, the arithmetic of metric math with IF and
// FILL, and Metrics Insights with conditions joined by AND. Amazon CloudWatch user guide: "Specification: Embedded
// metric format", "Using metric math", "Metrics Insights query components and syntax", "Evaluating an alarm".

import { fillIn, type Template } from './files.ts'

export interface Sample {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The samples in one line: one for each metric and each set of dimensions. */
export function readSamples(line: string): readonly Sample[] {
  const members = JSON.parse(line) as Record<string, any>
  const { Timestamp: at, CloudWatchMetrics: directives } = members['_aws']
  return directives.flatMap(
    (directive: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }) =>
      directive.Dimensions.flatMap((names) =>
        directive.Metrics.map(({ Name: metric }) => ({
          namespace: directive.Namespace,
          metric,
          dimensions: Object.fromEntries(names.map((name) => [name, members[name]])),
          value: members[metric],
          at,
        })),
      ),
  )
}

/** A value for each period; `undefined`: no data. */
type Series = (from: number, until: number) => number | undefined

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  p99: (values) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!,
}

const toSeries =
  (samples: readonly Sample[], statistic: string): Series =>
  (from, until) => {
    const values = samples.filter(({ at }) => at >= from && at < until).map(({ value }) => value)
    return values.length === 0 ? undefined : STATISTICS[statistic]!(values)
  }

const isEqual = (one: object, other: object): boolean =>
  JSON.stringify(Object.entries(one).toSorted()) === JSON.stringify(Object.entries(other).toSorted())

/** Dimensions have to be the same, and not only among those of the metric. */
const ofMetric = (
  samples: readonly Sample[],
  { Namespace, MetricName, Dimensions = [] }: any,
): readonly Sample[] => {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: any) => [Name, Value]))
  return samples.filter(
    (sample) =>
      sample.namespace === Namespace &&
      sample.metric === MetricName &&
      isEqual(sample.dimensions, dimensions),
  )
}

export interface InsightsQuery {
  readonly metric: string
  readonly namespace: string
  readonly dimensions: readonly string[]
  readonly where: Readonly<Record<string, string>>
}

/** `SELECT SUM("m") FROM SCHEMA("ns", "d", ...) WHERE "d" = 'v' AND ...`. Throws at anything else. */
export function readInsights(text: string): InsightsQuery {
  const [, metric, schema, conditions] =
    /^SELECT SUM\("(\w+)"\)\s+FROM SCHEMA\(((?:"[^"]+"(?:, )?)+)\)\s+WHERE (.+)$/s.exec(text)!
  const [namespace, ...dimensions] = [...schema!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!)
  const where = Object.fromEntries(
    conditions!
      .split(/\s+AND\s+/)
      .map((condition) => /^"(\w+)" = '(\w+)'$/.exec(condition)!.slice(1) as [string, string]),
  )
  return { metric: metric!, namespace: namespace!, dimensions, where }
}

const isInsights = (expression: string): boolean => expression.startsWith('SELECT ')

function ofInsights(samples: readonly Sample[], text: string): readonly Sample[] {
  const { metric, namespace, dimensions, where } = readInsights(text)
  return samples.filter(
    (sample) =>
      sample.namespace === namespace &&
      sample.metric === metric &&
      isEqual(Object.keys(sample.dimensions).toSorted(), dimensions.toSorted()) &&
      Object.entries(where).every(([name, value]) => sample.dimensions[name] === value),
  )
}

/** An expression of metric math as one of JavaScript; NaN is no data. */
function compute(expression: string, series: Readonly<Record<string, Series>>, from: number, until: number) {
  const names = Object.keys(series)
  const body = expression
    .replace(/\bAND\b/g, '&&')
    .replace(/\bIF\(/g, 'when(')
    .replace(/\bFILL\(/g, 'fill(')
  const values = names.map((name) => series[name]!(from, until) ?? Number.NaN)
  const result = new Function('when', 'fill', ...names, `return ${body}`)(
    (holds: boolean, one: number, other: number) => (holds ? one : other),
    (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value),
    ...values,
  ) as number
  return Number.isFinite(result) ? result : undefined
}

function seriesOf(samples: readonly Sample[], properties: any): { series: Series; period: number } {
  const { Metrics: metrics } = properties
  if (metrics === undefined)
    return {
      series: toSeries(ofMetric(samples, properties), properties.Statistic ?? properties.ExtendedStatistic),
      period: properties.Period,
    }
  const period = metrics
    .map((one: any) => one.Period ?? one.MetricStat?.Period)
    .find((one: any) => one !== undefined)
  const all: Record<string, Series> = {}
  // An expression may use one that is below it.
  for (const { Id, Expression, MetricStat } of metrics.toReversed()) {
    if (MetricStat !== undefined) all[Id] = toSeries(ofMetric(samples, MetricStat.Metric), MetricStat.Stat)
    else if (isInsights(Expression)) all[Id] = toSeries(ofInsights(samples, Expression), 'Sum')
    else {
      const known = { ...all }
      all[Id] = (from, until) => compute(Expression, known, from, until)
    }
  }
  return { series: all[metrics.find(({ ReturnData }: any) => ReturnData === true).Id]!, period }
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
}

/** Conditions of the form "a parameter has, or has not, this value". */
const holds = ({ 'Fn::Equals': equals, 'Fn::Not': not }: any): boolean =>
  not === undefined ? String(equals[0]) === String(equals[1]) : !holds(not[0])

/** The names of the alarms that are in the state ALARM at `now`, in the order of the template. */
export function firing(
  template: Template,
  parameters: Readonly<Record<string, string | number>>,
  samples: readonly Sample[],
  now: number,
): readonly string[] {
  const defaults = Object.entries(template.Parameters).flatMap(([name, { Default: value }]) =>
    value === undefined ? [] : [[name, value]],
  )
  const values = { ...Object.fromEntries(defaults), ...parameters }
  return Object.entries(template.Resources)
    .filter(([, { Type: type }]) => type === 'AWS::CloudWatch::Alarm')
    .filter(
      ([, { Condition: name }]) => name === undefined || holds(fillIn(template.Conditions?.[name], values)),
    )
    .filter(([, { Properties }]) => {
      const properties = fillIn(Properties, values)
      const { series, period } = seriesOf(samples, properties)
      const breaching = Array.from({ length: properties.EvaluationPeriods }, (_, index) => {
        const until = now - index * period * 1000
        const value = series(until - period * 1000, until)
        if (value === undefined) return properties.TreatMissingData === 'breaching'
        return COMPARISONS[properties.ComparisonOperator]!(value, Number(properties.Threshold))
      })
      return breaching.filter(Boolean).length >= properties.DatapointsToAlarm
    })
    .map(([name]) => name)
}
