// Request lines and fields of every kind over a socket, to the Worker in workerd in front of a real origin: the request
// at the origin is the one that was decided about, with the verified identity and no identity that the client wrote.

import fc from 'fast-check'
import { findLeaks } from '../../support/leaks.ts'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'
import { isPermitted } from '../reading.ts'

const TARGET_PIECES = [
  '/', '//', '..', '/../', '/./', '..;', ';', '\\', '%2f', '%5c', '%2e%2e', '%252e', '%00', '%0a', '#', '?', '?a=/health', '*', '%', '%zz',
  'http://evil.example', 'https://', 'health', 'orders', 'special', 'files', '@', ':80', 'é', '\u0000', '\t', '"', '{', '|',
] // prettier-ignore

/** Names of the list below whose fields from a client may never reach the origin. */
const REMOVED_NAMES = [
  'x-http-method-override',
  'x-original-url',
  'x-forwarded-uri',
  'x-middleware-subrequest',
  'x-auth-request-user',
  'x-astro-path',
  'forwarded',
  'x-forwarded-for',
]

/** Names that some server reads as one of ours, or as an instruction to treat the request differently. */
const NAMES = [
  'x-lanekeeper-subject', 'X-LANEKEEPER-SUBJECT', 'x_lanekeeper_subject', 'x-lanekeeper_scope', 'X.Lanekeeper.Scope', 'x-lanekeeper-',
  'x-lanekeeper-principal', "x'lanekeeper'issuer", 'x-http-method-override', 'x-original-url', 'x-forwarded-uri', 'x-middleware-subrequest',
  'x-forwarded-host', 'x-auth-request-user', 'x-astro-path', 'forwarded', 'x_forwarded_for', 'connection', 'te', 'x-other', 'content-length', 'transfer-encoding', 'host', 'authorization', 'Authorization', 'proxy-authorization',
] // prettier-ignore

const VALUES = [
  'mallory',
  'x-lanekeeper-subject',
  'close, x-lanekeeper-scope',
  'DELETE',
  '/admin',
  '0',
  'chunked',
  'evil.example',
  'Bearer x',
  '',
]

interface Input {
  readonly method: string
  readonly base: string
  readonly target: readonly TextChange[]
  readonly token: 'valid' | 'changed' | 'none'
  readonly fields: readonly {
    readonly name: string
    readonly change: readonly TextChange[]
    readonly value: string
  }[]
}

const OURS = /^x-lanekeeper-/

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-')

export const wire = property<Input>({
  name: 'wire',
  about: 'request lines and fields over a socket, to workerd',
  input: fc.record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE'),
    base: fc.constantFrom('/health', '/orders', '/orders/1', '/orders/special', '/files/a/b'),
    target: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: textChanges(TARGET_PIECES, 3) },
    ),
    token: fc.constantFrom('valid', 'valid', 'changed', 'none'),
    fields: fc.array(
      fc.record({
        name: fc.constantFrom(...NAMES),
        change: fc.oneof(
          { weight: 4, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: textChanges(['-', '_', '.', '!', "'"], 1) },
        ),
        value: fc.constantFrom(...VALUES),
      }),
      { maxLength: 4 },
    ),
  }),
  mustSee: ['allow', 'deny'],
  async check({ method, base, target: changes, token, fields }, fixture) {
    const edge = await fixture.wire()
    const target = changeText(base, changes)
    const sent = token === 'changed' ? `${fixture.tokens[0]}=` : fixture.tokens[0]!
    const bearer = token === 'none' ? [] : [['Authorization', `Bearer ${sent}`] as const]
    const more = fields.map(
      ({ name, change, value }) => [changeText(name, change).replace(/[^!-9;-~]/g, '-'), value] as const,
    )
    const { response, seen } = await edge.sendRaw({ method, target, fields: [...bearer, ...more] })
    demand(
      findLeaks(`${JSON.stringify(response.headers)}${response.body}`, [sent]).length === 0,
      'the answer shows a piece of a token',
    )
    demand(response.status !== 500 && response.status !== 503, `workerd answers ${response.status}`)
    if (seen === undefined) return 'deny'
    const names = seen.rawHeaders.filter((_, index) => index % 2 === 0).map(plain)
    const identity = names.filter((name) => OURS.test(name))
    const [path = ''] = seen.target.split('?')
    const open = path === '/health'
    demand(isPermitted(seen.method, path, ['read']), 'the origin gets a request that no rule allows')
    demand(open || token === 'valid', 'the origin gets a request without a valid token')
    demand(
      open ? identity.length === 0 : identity.length === 6,
      'the origin gets another number of identity fields',
    )
    demand(
      !seen.rawHeaders.some(
        (value, index) => OURS.test(plain(seen.rawHeaders[index - 1] ?? '')) && value.includes('mallory'),
      ),
      'the origin is told what the client wrote',
    )
    demand(
      !names.some((name) => REMOVED_NAMES.includes(name)),
      'the origin gets what only another gateway may say',
    )
    demand(
      names.filter((name) => name === 'x-forwarded-host').length === 1,
      'the origin is told another number of hosts',
    )
    return 'allow'
  },
})
