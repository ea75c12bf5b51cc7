// Tokens that are bound to a DPoP key, with proofs, fields and URLs that are changed: no edge lets one pass unless an
// independent check, made with jose, finds its proof good, all edges give the same verdict, and a good request passes.

import { base64url, calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose'
import fc from 'fast-check'
import type { Field } from '../../cases/row.ts'
import { createClientKey, makeProof, sha256, type ClientKey } from '../../support/dpop-proofs.ts'
import { SMALL_ORDER } from '../../support/hostile-keys.ts'
import { BOUND_URL, CLAIMS, demand, HEADER, NOW, signed, type FuzzFixture } from '../fixture.ts'
import {
  changeJson,
  changeText,
  jsonChanges,
  textChanges,
  type JsonChange,
  type TextChange,
} from '../mutate.ts'
import { property } from '../property.ts'
import { attackSegments } from '../segments.ts'

const PIECES = [
  '.', '=', ',', ', ', ' ', '  ', '\t', 'DPoP ', 'dpop ', 'Bearer ', 'Bearer', ',DPoP ', 'A', 'AAAA', 'e30', '-', '_', '+', '/', '%', '"', '\u0000', 'é', 'x'.repeat(4_100),
] // prettier-ignore

const URL_PIECES = [
  '/', '//', '/./', '/../', '..', '%2e', '%2F', '%6f', '?', '?a=b', '#', '#a', '@', 'user@', ':443', ':80', ':8443', ':', '.', '\\', '\t', '\n', ' ', 'é', 'http', 'https', 'HTTPS', 'EDGE.EXAMPLE', 'evil.example', 'x', '1', ';', '%',
] // prettier-ignore

const METHODS = ['GET', 'POST'] as const
const PATHS = ['/orders', '/orders/1'] as const

interface Input {
  readonly token: 'bound' | 'bound to another key' | 'unbound' | 'bound oddly'
  readonly cnf: unknown
  readonly scheme: 'DPoP' | 'Bearer'
  readonly field: readonly TextChange[]
  readonly method: number
  readonly path: number
  readonly proof: {
    readonly algorithm: number
    /** Whether it is for the other method or path. */
    readonly isOtherMethod: boolean
    readonly isOtherPath: boolean
    readonly url: readonly TextChange[]
    readonly header: readonly JsonChange[]
    readonly claims: readonly JsonChange[]
    readonly age: number
    /** Whether the changes are signed, as a client with the key can do. */
    readonly isSigned: boolean
    readonly segments: readonly number[]
    readonly text: readonly TextChange[]
  }
  /** How often the field is sent. */
  readonly times: number
  readonly name: string
  /** Whether the same request is sent again. */
  readonly isRepeated: boolean
}

const none = <T>(arbitrary: fc.Arbitrary<T[]>, weight: number): fc.Arbitrary<T[]> =>
  fc.oneof({ weight, arbitrary: fc.constant([] as T[]) }, { weight: 1, arbitrary })

const seldom = fc.constantFrom(false, false, false, false, false, false, false, true)

interface Clients {
  readonly keys: readonly ClientKey[]
  readonly other: ClientKey
  tokenFor(cnf: unknown): Promise<string>
}

const clientsOf = new WeakMap<FuzzFixture, Clients>()

function clientsFor(fixture: FuzzFixture): Clients {
  let clients = clientsOf.get(fixture)
  if (clients === undefined) {
    const tokens = new Map<string, Promise<string>>()
    clients = {
      keys: (['ES256', 'EdDSA', 'PS256'] as const).map((algorithm) => createClientKey(algorithm)),
      other: createClientKey('ES256'),
      tokenFor(cnf) {
        const name = JSON.stringify(cnf) ?? 'none'
        const token =
          tokens.get(name) ?? signed(fixture.key, HEADER, cnf === undefined ? CLAIMS : { ...CLAIMS, cnf })
        tokens.set(name, token)
        return token
      },
    }
    clientsOf.set(fixture, clients)
  }
  return clients
}

let made = 0

/** A proof with its changes, from the parts of a good one. */
function proofOf({ proof, token, ...input }: Input, key: ClientKey, good: string): string {
  const method = METHODS[proof.isOtherMethod ? 1 - input.method : input.method]!
  const path = PATHS[proof.isOtherPath ? 1 - input.path : input.path]!
  const url = changeText(`${BOUND_URL}${path}`, proof.url)
  const parts = makeProof(
    key,
    { method, url, token: good },
    { claims: { iat: NOW - proof.age, jti: `proof-${token}-${made++}` } },
  ).split('.')
  const change = (at: number, changes: readonly JsonChange[]): string =>
    changes.length === 0
      ? parts[at]!
      : base64url.encode(
          JSON.stringify(changeJson(JSON.parse(Buffer.from(parts[at]!, 'base64url').toString()), changes)),
        )
  const [header, claims] = [change(0, proof.header), change(1, proof.claims)]
  const raw = (part: string): Uint8Array => Buffer.from(part, 'base64url')
  const text = proof.isSigned
    ? makeProof(key, { url, token: good }, { rawHeader: raw(header), rawClaims: raw(claims) })
    : [header, claims, parts[2]!].join('.')
  const forged = attackSegments(text.split('.'), proof.segments, makeProof(key, { url, token: good }))
  return changeText(forged.join('.'), proof.text)
}

/** The URL in a proof as a browser reads it, without query and fragment; `null`: it is none. */
function readUrl(htu: unknown): string | null {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return null
  const url = new URL(htu)
  // `URL` keeps escapes of unreserved characters.
  const path = url.pathname.replace(/%[46][0-9a-f]|%7[0-9a]|%3[0-9]/gi, (escape) =>
    decodeURIComponent(escape),
  )
  return `${url.origin}${path}`
}

/** Whether a proof is good for a request with a token, by jose and the text of RFC 9449 section 4.3. */
async function isGood(proof: string, token: string, method: string, path: string): Promise<boolean> {
  try {
    const header = JSON.parse(new TextDecoder().decode(base64url.decode(proof.split('.')[0]!)))
    const jwk = header.jwk as JWK
    if (header.typ !== 'dpop+jwt' || !['ES256', 'EdDSA', 'PS256'].includes(header.alg)) return false
    if ('d' in jwk || jwk['x'] === SMALL_ORDER['x']) return false
    const { payload } = await compactVerify(proof, (await importJWK(jwk, header.alg)) as CryptoKey)
    const claims = JSON.parse(new TextDecoder().decode(payload))
    const { cnf } = JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1]!)))
    return (
      (await calculateJwkThumbprint(jwk)) === cnf.jkt &&
      typeof claims.jti === 'string' &&
      claims.jti !== '' &&
      claims.htm === method &&
      readUrl(claims.htu) === `${BOUND_URL}${path}` &&
      claims.ath === sha256(token) &&
      typeof claims.iat === 'number' &&
      claims.iat >= NOW - 300 &&
      claims.iat <= NOW + 30
    )
  } catch {
    return false
  }
}

const isUnchanged = ({ field, proof, times, token, scheme, name }: Input): boolean =>
  token === 'bound' &&
  scheme === 'DPoP' &&
  times === 1 &&
  name.toLowerCase() === 'dpop' &&
  !proof.isOtherMethod &&
  !proof.isOtherPath &&
  proof.age >= -30 &&
  proof.age <= 300 &&
  [field, proof.url, proof.header, proof.claims, proof.segments, proof.text].every(
    ({ length }) => length === 0,
  )

/** HTTP servers take the white space around a field away, and join the values of a repeated field. */
const carried = (value: string): string => value.replace(/^[\t ]+|[\t ]+$/g, '')

export const boundToken = property<Input>({
  name: 'bound token',
  about: 'tokens bound to a DPoP key, with changed proofs, fields and URLs',
  input: fc.record({
    token: fc.constantFrom(
      'bound',
      'bound',
      'bound',
      'bound',
      'bound to another key',
      'unbound',
      'unbound',
      'bound oddly',
    ),
    cnf: fc.oneof(
      fc.constantFrom(null, {}, [], { jkt: 1 }, { jkt: '' }, { kid: 'k' }, { jkt: [] }),
      fc.jsonValue(),
    ),
    scheme: fc.constantFrom('DPoP', 'DPoP', 'DPoP', 'DPoP', 'Bearer'),
    field: none(textChanges(PIECES, 2), 7),
    method: fc.nat(1),
    path: fc.nat(1),
    proof: fc.record({
      algorithm: fc.nat(2),
      isOtherMethod: seldom,
      isOtherPath: seldom,
      url: none(textChanges(URL_PIECES, 3), 2),
      header: none(jsonChanges(2), 4),
      claims: none(jsonChanges(2), 4),
      age: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: -40, max: 310 })),
      isSigned: fc.boolean(),
      segments: none(fc.array(fc.nat(11), { maxLength: 2 }), 7),
      text: none(textChanges(PIECES, 2), 7),
    }),
    times: fc.constantFrom(0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2),
    name: fc.constantFrom('DPoP', 'DPoP', 'DPoP', 'DPoP', 'DPoP', 'dpop', 'DPOP', 'DPoP-Proof'),
    isRepeated: fc.boolean(),
  }),
  mustSee: ['allow bound', 'allow unbound', 'deny'],
  async check(input, fixture) {
    const { keys, other, tokenFor } = clientsFor(fixture)
    const edges = await fixture.bound()
    const key = keys[input.proof.algorithm]!
    const cnf = {
      bound: { jkt: key.jkt },
      'bound to another key': { jkt: other.jkt },
      unbound: undefined,
      'bound oddly': input.cnf,
    }[input.token]
    const token = await tokenFor(cnf)
    const proof = proofOf(input, key, token)
    const fields = Array.from({ length: input.times }, (): Field => [input.name, proof])
    const field = changeText(`${input.scheme} ${token}`, input.field)
    const [method, path] = [METHODS[input.method]!, PATHS[input.path]!]
    const request = { method, path, authorization: [field], fields }

    const sent = [await edges.send(request, [proof, token])]
    if (input.isRepeated) sent.push(await edges.send(request, [proof, token]))
    const bearer = /^bearer +/i.exec(carried(field))?.[0] ?? ''
    const isPlain = bearer !== '' && carried(field).slice(bearer.length) === token && cnf === undefined
    const hasProofs = fields.some(([name]) => name.toLowerCase() === 'dpop')
    const mayBe = isPlain
      ? !hasProofs
      : hasProofs && fields.length === 1 && (await isGood(carried(proof), token, method, path))
    for (const [index, seen] of sent.entries()) {
      const answers = new Set(seen.map(({ allow, code }) => `${allow} ${code}`))
      for (const { edge, allow } of seen) {
        demand(!allow || mayBe, `${edge} allows a bound token without a good proof`)
        demand(!allow || isPlain || index === 0, `${edge} allows a proof twice`)
        demand(allow || index > 0 || !isUnchanged(input), `${edge} refuses a good proof`)
      }
      const asSent = field === carried(field) && proof === carried(proof)
      demand(!asSent || answers.size === 1, `edges disagree: ${[...answers].join(', ')}`)
    }
    if (!sent[0]!.some(({ allow }) => allow)) return 'deny'
    return isPlain ? 'allow unbound' : 'allow bound'
  },
})
