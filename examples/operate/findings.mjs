// What report-only would refuse, grouped so that each line is one thing to decide about; then, for each rule, whether
// it can be enforced. Reads log lines from standard input, whatever stands around them:
//
//   npx wrangler tail --format json > lines.txt, then: node findings.mjs < lines.txt
//   aws logs tail /aws/lambda/orders-authorizer --since 7d --format short | node findings.mjs
//   node findings.mjs deny < saved-lines.txt       (what is refused, where refusals are enforced)
//
// `clients`: how many clients had a token whose signature was verified. 0: no such token, or no token.

import { createInterface } from 'node:readline'

/** Members of `detail` that say what to change. The others are about one request. */
const TELLING = [
  ...['nearest', 'problem', 'looks_like', 'missing', 'configure', 'shape'],
  ...['claim', 'unknown', 'why', 'secret', 'setting'],
]

/** Both tools write a log line as a string in JSON, if they are asked for JSON. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g

/** The events in a line of text. */
function readEvents(line) {
  const quoted = (line.match(QUOTED) ?? []).filter((text) => text.includes('\\"event\\"'))
  return (quoted.length > 0 ? quoted : [line]).flatMap((found) => {
    try {
      const text = quoted.length > 0 ? JSON.parse(found) : found
      return JSON.parse(text.slice(text.search(/\{"(?:door|_aws)"/), text.lastIndexOf('}') + 1))
    } catch {
      return []
    }
  })
}

/** Names of clients come from tokens, so nothing of them may move a cursor. */
const printable = (text) =>
  String(text).replace(/[^\x20-\x7e]/g, (character) => JSON.stringify(character).slice(1, -1))

const detailOf = ({ detail = {} }) =>
  TELLING.filter((name) => detail[name] !== undefined)
    .map((name) => `${name}=${printable(detail[name])}`)
    .join(' ')

const padded = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const cell = (value, column) =>
    typeof value === 'number' ? String(value).padStart(widths[column]) : String(value).padEnd(widths[column])
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}

const outcome = process.argv[2] ?? 'would_deny'
const findings = new Map()
const rules = new Map()

/** What keeps a rule from being ready: a known client, the configuration, or a path that has a rule nearby. */
const isToBeLookedAt = ({ client, blame, detail = {} }) =>
  client !== undefined || blame !== 'client' || detail.nearest !== undefined

function count(event) {
  const rule = event.route ?? '(no rule)'
  const counted = rules.get(rule) ?? { requests: 0, found: 0, open: 0 }
  rules.set(rule, counted)
  counted.requests++
  if (event.outcome !== outcome) return
  counted.found++
  if (isToBeLookedAt(event)) counted.open++
  const detail = detailOf(event)
  const key = JSON.stringify([event.code, event.blame, rule, detail])
  const finding = findings.get(key) ?? { event, rule, detail, requests: 0, clients: new Set() }
  findings.set(key, finding)
  finding.requests++
  if (event.client !== undefined) finding.clients.add(event.client)
}

for await (const line of createInterface({ input: process.stdin }))
  for (const event of readEvents(line)) if (event.event === 'decision') count(event)

const sorted = [...findings.values()].sort(
  (a, b) => b.requests - a.requests || (a.event.code < b.event.code ? -1 : 1),
)
console.log(
  padded([
    ['requests', 'clients', 'code', 'blame', 'rule', 'detail'],
    ...sorted.map(({ event, rule, detail, requests, clients }) => [
      ...[requests, clients.size, printable(event.code), printable(event.blame), printable(rule), detail],
    ]),
  ]),
)
console.log()
console.log(
  padded([
    ['rule', 'requests', outcome, 'to be looked at'],
    ...[...rules].sort().map(([rule, { requests, found, open }]) => [printable(rule), requests, found, open]),
  ]),
)
