// Reads the decisions in a log of an edge: lines of the console, of CloudWatch, or of `wrangler tail`, where the line
// of the decision may stand in other JSON. Everything else in the log is passed over. Foreign text: nothing is believed.

import { isJsonObject, type JsonObject } from '../../shared/edge.ts'

/** A decision in the log. Members that are not there, or have another form, are `undefined`. */
export interface LogLine {
  /** Seconds since the epoch, by the log. */
  readonly time?: number | undefined
  readonly outcome: string
  readonly code?: string | undefined
  readonly method?: string | undefined
  readonly route?: string | undefined
  readonly plan?: string | undefined
  readonly requestId?: string | undefined
  readonly door?: string | undefined
  /** The fingerprint. */
  readonly token?: string | undefined
}

const MAX_DEPTH = 8

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const TIMES = ['time', 'timestamp', '@timestamp', 'eventTimestamp', 'ingestionTime']

/** A time in ISO 8601, or in seconds or milliseconds since the epoch. */
function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return value > 1e11 ? value / 1000 : value > 1e9 ? value : undefined
  if (typeof value !== 'string') return undefined
  if (/^\d{10,13}$/.test(value)) return readTime(Number(value))
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return undefined
  const iso = value.replace(' ', 'T')
  const milliseconds = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
  return Number.isFinite(milliseconds) ? milliseconds / 1000 : undefined
}

const timeIn = (value: JsonObject): number | undefined =>
  TIMES.map((name) => readTime(value[name])).find((time) => time !== undefined)

const toLine = (value: JsonObject, time: number | undefined): LogLine => ({
  time: timeIn(value) ?? time,
  outcome: String(value['outcome']),
  code: textOf(value['code']),
  method: textOf(value['method']),
  route: textOf(value['route']),
  plan: textOf(value['plan']),
  requestId: textOf(value['requestId']),
  door: textOf(value['door']),
  token: textOf(value['token']),
})

const isDecision = (value: JsonObject): boolean =>
  value['event'] === 'decision' && typeof value['outcome'] === 'string'

/** The decisions in a value, in order. `time`: of what it stands in. */
function decisionsIn(value: unknown, time: number | undefined, depth = 0): readonly LogLine[] {
  if (depth > MAX_DEPTH) return []
  if (typeof value === 'string')
    return value.includes('"decision"') ? decisionsInText(value, time, depth + 1) : []
  if (Array.isArray(value)) return value.flatMap((item) => decisionsIn(item, time, depth + 1))
  if (!isJsonObject(value)) return []
  if (isDecision(value)) return [toLine(value, time)]
  const own = timeIn(value) ?? time
  return Object.values(value).flatMap((item) => decisionsIn(item, own, depth + 1))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A line that may have a time and words before its JSON. */
function decisionsInText(text: string, time: number | undefined, depth = 0): readonly LogLine[] {
  const from = text.indexOf('{')
  if (from === -1) return []
  const ofLine = readTime(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?/.exec(text.slice(0, from))?.[0])
  return decisionsIn(parse(text.slice(from).trim()), ofLine ?? time, depth)
}

/** Lines of JSON over several lines, after its first: indented, or the last one. */
const continuesBlock = (line: string): boolean => /^(?:\s|[\]}]|$)/.test(line)

/**
 * The decisions of a log, line by line. JSON over several lines, as `wrangler tail --format json` prints it, begins
 * with a line `{` or `[`, goes on with indented lines and ends with a line `}` or `]`. Where something else follows, it
 * was none, and nothing after it is lost.
 */
export async function* readDecisions(lines: AsyncIterable<string>): AsyncGenerator<LogLine> {
  let block: string[] | null = null
  for await (const line of lines) {
    if (block !== null && continuesBlock(line)) {
      block.push(line)
      if (line !== '}' && line !== ']') continue
      yield* decisionsIn(parse(block.join('\n')), undefined)
      block = null
    } else if (line === '{' || line === '[') block = [line]
    else {
      block = null
      const list = line.startsWith('[') ? parse(line) : undefined
      yield* Array.isArray(list) ? decisionsIn(list, undefined) : decisionsInText(line, undefined)
    }
  }
}
