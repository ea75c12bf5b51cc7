// The Condition block of a policy statement (IAM user guide, "Condition operators", "Global condition context keys").
// Every operator and key must match; one matching value of a key is enough. If the request lacks the key, a positive
// operator is false, and a negated or IfExists operator is true. Only the keys that API Gateway lists for its APIs
// exist.

import { BlockList, isIP } from 'node:net'
import { isObject, isScalar, listOf, type JsonObject } from './json.ts'
import { matchesGlob } from './wildcard.ts'

/** Lower-case key (`aws:sourceip`) -> value. Keys are case-insensitive. */
export type ConditionContext = Map<string, string>

type Compare = (actual: string, expected: string) => boolean

interface Operator {
  compare: Compare
  negated?: true
  isValue?: (value: string) => boolean
}

const number: Pick<Operator, 'isValue'> = { isValue: (value) => /^[+-]?\d+(\.\d+)?$/.test(value) }
const date: Pick<Operator, 'isValue'> = { isValue: (value) => !Number.isNaN(toInstant(value)) }
const address: Pick<Operator, 'isValue'> = { isValue: (value) => toRange(value) !== undefined }
const boolean: Pick<Operator, 'isValue'> = { isValue: (value) => /^(true|false)$/i.test(value) }

const equal: Compare = (actual, expected) => actual === expected
const equalIgnoringCase: Compare = (actual, expected) => actual.toLowerCase() === expected.toLowerCase()
const like: Compare = (actual, expected) => matchesGlob(expected, actual)
const inRange: Compare = (actual, expected) => {
  const version = isIP(actual)
  return version !== 0 && toRange(expected)!.check(actual, version === 6 ? 'ipv6' : 'ipv4')
}
const compareNumbers = (holds: (difference: number) => boolean): Compare => {
  return (actual, expected) => holds(Number(actual) - Number(expected))
}
const compareDates = (holds: (difference: number) => boolean): Compare => {
  return (actual, expected) => holds(toInstant(actual) - toInstant(expected))
}

const OPERATORS = new Map<string, Operator>([
  ['StringEquals', { compare: equal }],
  ['StringNotEquals', { compare: equal, negated: true }],
  ['StringEqualsIgnoreCase', { compare: equalIgnoringCase }],
  ['StringNotEqualsIgnoreCase', { compare: equalIgnoringCase, negated: true }],
  ['StringLike', { compare: like }],
  ['StringNotLike', { compare: like, negated: true }],
  ['NumericEquals', { compare: compareNumbers((difference) => difference === 0), ...number }],
  [
    'NumericNotEquals',
    { compare: compareNumbers((difference) => difference === 0), negated: true, ...number },
  ],
  ['NumericLessThan', { compare: compareNumbers((difference) => difference < 0), ...number }],
  ['NumericLessThanEquals', { compare: compareNumbers((difference) => difference <= 0), ...number }],
  ['NumericGreaterThan', { compare: compareNumbers((difference) => difference > 0), ...number }],
  ['NumericGreaterThanEquals', { compare: compareNumbers((difference) => difference >= 0), ...number }],
  ['DateEquals', { compare: compareDates((difference) => difference === 0), ...date }],
  ['DateNotEquals', { compare: compareDates((difference) => difference === 0), negated: true, ...date }],
  ['DateLessThan', { compare: compareDates((difference) => difference < 0), ...date }],
  ['DateLessThanEquals', { compare: compareDates((difference) => difference <= 0), ...date }],
  ['DateGreaterThan', { compare: compareDates((difference) => difference > 0), ...date }],
  ['DateGreaterThanEquals', { compare: compareDates((difference) => difference >= 0), ...date }],
  ['Bool', { compare: equalIgnoringCase, ...boolean }],
  ['IpAddress', { compare: inRange, ...address }],
  ['NotIpAddress', { compare: inRange, negated: true, ...address }],
  ['ArnEquals', { compare: like }],
  ['ArnLike', { compare: like }],
  ['ArnNotEquals', { compare: like, negated: true }],
  ['ArnNotLike', { compare: like, negated: true }],
])

interface ParsedOperator {
  operator: Operator | 'Null'
  ifExists: boolean
  quantifier: 'ForAllValues' | 'ForAnyValue' | undefined
}

/** An error that IAM reports when a policy is saved. Undocumented for authorizers; here the policy is malformed. */
export function conditionProblem(condition: JsonObject): string | undefined {
  for (const [name, block] of Object.entries(condition)) {
    const parsed = parseOperator(name)
    if (!parsed) return `unknown condition operator ${name}`
    if (!isObject(block)) return `${name} has no keys`
    for (const [key, expected] of Object.entries(block)) {
      const values = listOf(expected)
      const isValue = (parsed.operator === 'Null' ? boolean : parsed.operator).isValue
      const valid = values.every((value) => isScalar(value) && (isValue?.(String(value)) ?? true))
      if (values.length === 0 || !valid) return `${name} ${key} has a value of the wrong kind`
    }
  }
  return undefined
}

export function conditionsHold(condition: JsonObject, context: ConditionContext): boolean {
  return Object.entries(condition).every(([name, block]) => {
    const parsed = parseOperator(name)
    if (!parsed || !isObject(block)) return false
    return Object.entries(block).every(([key, expected]) =>
      holds(parsed, context.get(key.toLowerCase()), listOf(expected).map(String)),
    )
  })
}

function holds(
  { operator, ifExists, quantifier }: ParsedOperator,
  actual: string | undefined,
  expected: string[],
) {
  if (operator === 'Null') {
    const absent = String(actual === undefined)
    return expected.some((value) => value.toLowerCase() === absent)
  }
  if (actual === undefined) {
    if (quantifier === 'ForAnyValue') return ifExists
    return ifExists || quantifier === 'ForAllValues' || operator.negated === true
  }
  const matched = expected.some((value) => operator.compare(actual, value))
  return operator.negated ? !matched : matched
}

function parseOperator(operatorName: string): ParsedOperator | undefined {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operatorName)
  if (!parts) return undefined
  const [, quantifier, name, ifExists] = parts
  const operator = name === 'Null' && !ifExists && !quantifier ? 'Null' : OPERATORS.get(name ?? '')
  return (
    operator && {
      operator,
      ifExists: ifExists !== undefined,
      quantifier: quantifier as ParsedOperator['quantifier'],
    }
  )
}

/** Parses seconds since 1970 or an ISO 8601 date in the W3C profile, where a time needs a time zone. */
function toInstant(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
  return isDate ? Date.parse(value) : Number.NaN
}

function toRange(cidr: string): BlockList | undefined {
  const [network = '', prefix, ...rest] = cidr.split('/')
  const version = isIP(network)
  const bits = version === 6 ? 128 : 32
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (version === 0 || rest.length > 0 || !(length <= bits)) return undefined
  const range = new BlockList()
  range.addSubnet(network, length, version === 6 ? 'ipv6' : 'ipv4')
  return range
}
