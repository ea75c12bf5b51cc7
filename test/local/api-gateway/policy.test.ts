import { describe, expect, test } from 'vitest'
import { evaluatePolicy, parsePolicy } from '../../../local/api-gateway/policy.ts'
import { matchesArn } from '../../../local/api-gateway/wildcard.ts'

const base = 'arn:aws:execute-api:us-east-1:123456789012:abcdef1234'
const orders = `${base}/local/GET/orders/1`

const conditions = new Map([
  ['aws:currenttime', '2026-11-21T12:00:00.000Z'],
  ['aws:epochtime', '1795262400'],
  ['aws:sourceip', '127.0.0.1'],
  ['aws:useragent', 'curl/8'],
  ['aws:securetransport', 'true'],
])

function verdict(statements: unknown, version: string | undefined = '2012-10-17') {
  const policy = parsePolicy({ Version: version, Statement: statements })
  return policy ? evaluatePolicy(policy, { resource: orders, conditions }) : 'malformed'
}

const allow = (more: object) => ({ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*', ...more })
const deny = (more: object) => allow({ Effect: 'Deny', ...more })

describe('statements', () => {
  test.each<[string, unknown, string]>([
    ['an exact resource allows', allow({ Resource: orders }), 'allow'],
    ['another resource does not', allow({ Resource: `${base}/local/GET/orders/2` }), 'implicit-deny'],
    ['no statement is an implicit deny', [], 'implicit-deny'],
    ['an explicit deny wins over an allow before it', [allow({}), deny({})], 'explicit-deny'],
    ['an explicit deny wins over an allow after it', [deny({}), allow({})], 'explicit-deny'],
    ['a deny of something else does not', [allow({}), deny({ Resource: `${base}/*/POST/*` })], 'allow'],
    ['any resource of a list may match', allow({ Resource: ['arn:aws:s3:::x', orders] }), 'allow'],
    ['the action compares without case', allow({ Action: 'EXECUTE-API:invoke' }), 'allow'],
    ['the action may be a wildcard', allow({ Action: 'execute-api:*' }), 'allow'],
    ['another action does not match', allow({ Action: 'execute-api:InvalidateCache' }), 'implicit-deny'],
    ['the effect compares with case', allow({ Effect: 'allow' }), 'malformed'],
    ['NotAction is refused', { Effect: 'Allow', NotAction: 's3:*', Resource: '*' }, 'malformed'],
    ['NotResource is refused', { Effect: 'Deny', Action: '*', NotResource: 'x' }, 'malformed'],
    ['a Resource is required', { Effect: 'Allow', Action: '*' }, 'malformed'],
    ['a Resource list must not be empty', allow({ Resource: [] }), 'malformed'],
    ['one malformed statement spoils the policy', [allow({}), { Effect: 'Deny' }], 'malformed'],
    ['a Resource of 512 characters is fine', allow({ Resource: '*'.padStart(512, '*') }), 'allow'],
    ['a Resource of 513 characters is not', allow({ Resource: '*'.padStart(513, '*') }), 'malformed'],
    ['policy variables are refused', allow({ Resource: '*${aws:SourceIp}' }), 'malformed'],
  ])('%s', (_, statements, expected) => expect(verdict(statements)).toBe(expected))

  test('an unknown Version is malformed', () => expect(verdict(allow({}), '2026-01-01')).toBe('malformed'))
  test.each([undefined, null, 'text', [], {}])('%j is not a policy', (document) => {
    expect(parsePolicy(document)).toBeUndefined()
  })
})

describe('resource wildcards', () => {
  test.each<[string, string, boolean]>([
    [`${base}/local/GET/*`, orders, true],
    [`${base}/local/GET/orders/*`, `${base}/local/GET/orders/1/lines/2`, true],
    [`${base}/local/GET/orders*`, `${base}/local/GET/orders-admin`, true],
    [`${base}/local/GET/o*`, `${base}/local/GET/other/secret`, true],
    [`${base}/*/orders/1`, orders, true],
    [`${base}/local/*/orders/1`, `${base}/local/DELETE/orders/1`, true],
    [`${base}/local/GET/orders/?`, orders, true],
    [`${base}/local/GET/orders/??`, orders, false],
    [`${base}/local/GET/orders?1`, orders, true],
    [`${base}/local/GET/Orders/1`, orders, false],
    [`${base}/local/get/orders/1`, orders, false],
    [`${base}/local/GET/orders`, orders, false],
    [`${base}/local/GET/orders/1`, `${base}/local/GET/orders/1/`, false],
    [`${base}/local/GET/`, `${base}/local/GET/`, true],
    [`${base}/local/GET/*`, `${base}/local/GET/`, true],
    [`${base}/local/GET/a.c`, `${base}/local/GET/abc`, false],
    [`${base}/local/GET/a:*`, `${base}/local/GET/a:b:c/d`, true],
    ['arn:aws:execute-api:*:*:*', orders, true],
    ['arn:aws:execute-api:*', orders, true],
    ['*', orders, true],
    ['arn:aws:execute-api:us-*-1:123456789012:*', orders, true],
    ['arn:aws:execute-api:*:*/local/GET/orders/1', orders, false],
    ['arn:aws:execute-api:eu-west-1:123456789012:*', orders, false],
    ['arn:aws:*/GET/orders/1', orders, false],
  ])('%s against %s is %s', (pattern, arn, expected) => expect(matchesArn(pattern, arn)).toBe(expected))

  test('many wildcards against a long path end quickly', () => {
    expect(matchesArn(`${base}/${'*a'.repeat(200)}b`, `${base}/${'a'.repeat(1500)}`)).toBe(false)
  })
})

describe('conditions', () => {
  test.each<[object, string]>([
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-21T12:00:01Z' } }, 'allow'],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-21T12:00:00Z' } }, 'implicit-deny'],
    [{ DateLessThanEquals: { 'aws:CurrentTime': '2026-11-21T13:00:00+01:00' } }, 'allow'],
    [{ DateGreaterThan: { 'aws:EpochTime': '1795262399' } }, 'allow'],
    [{ NumericLessThan: { 'aws:EpochTime': 1795262401 } }, 'allow'],
    [{ NumericLessThan: { 'aws:EpochTime': '1795262400' } }, 'implicit-deny'],
    [{ NumericNotEquals: { 'aws:EpochTime': '1' } }, 'allow'],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, 'allow'],
    [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.1'] } }, 'allow'],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, 'implicit-deny'],
    [{ NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.1/32'] } }, 'implicit-deny'],
    [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, 'allow'],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, 'implicit-deny'],
    [{ StringEquals: { 'aws:UserAgent': 'curl/8' } }, 'allow'],
    [{ StringEquals: { 'AWS:useragent': 'curl/8' } }, 'allow'],
    [{ StringEquals: { 'aws:UserAgent': 'CURL/8' } }, 'implicit-deny'],
    [{ StringEqualsIgnoreCase: { 'aws:UserAgent': 'CURL/8' } }, 'allow'],
    [{ StringLike: { 'aws:UserAgent': 'curl/*' } }, 'allow'],
    [{ StringNotLike: { 'aws:UserAgent': 'curl/*' } }, 'implicit-deny'],
    [{ Bool: { 'aws:SecureTransport': true } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, 'implicit-deny'],
    [{ Null: { 'aws:Referer': 'true' } }, 'allow'],
    [{ Null: { 'aws:UserAgent': 'true' } }, 'implicit-deny'],
    [{ StringEquals: { 'custom:scope': 'x' } }, 'implicit-deny'],
    [{ StringNotEquals: { 'custom:scope': 'x' } }, 'allow'],
    [{ StringEqualsIfExists: { 'custom:scope': 'x' } }, 'allow'],
    [{ StringEqualsIfExists: { 'aws:UserAgent': 'x' } }, 'implicit-deny'],
    [{ 'ForAnyValue:StringEquals': { 'custom:scope': 'x' } }, 'implicit-deny'],
    [{ 'ForAllValues:StringEquals': { 'custom:scope': 'x' } }, 'allow'],
    [
      { StringLike: { 'aws:UserAgent': 'curl/*' }, Bool: { 'aws:SecureTransport': 'false' } },
      'implicit-deny',
    ],
    [{ StringMatches: { 'aws:UserAgent': 'x' } }, 'malformed'],
    [{ DateLessThan: { 'aws:CurrentTime': 'tomorrow' } }, 'malformed'],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.1/33' } }, 'malformed'],
    [{ NumericEquals: { 'aws:EpochTime': 'x' } }, 'malformed'],
    [{ StringEquals: { 'aws:UserAgent': { a: 1 } } }, 'malformed'],
    [{ StringEquals: 'x' }, 'malformed'],
  ])('%j gives %s', (Condition, expected) => expect(verdict(allow({ Condition }))).toBe(expected))

  test('a Deny whose condition is not met does not deny', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }
    expect(verdict([allow({}), deny({ Condition })])).toBe('allow')
  })
})
