// Introspection answers of RFC 7662 and RFC 9701, moved to the present: what each allows at every edge.

import type { IssuerAnswer } from '../support/opaque-issuer.ts'
import type { Members } from '../support/test-issuer.ts'
import { readData, type Part, type VectorCase } from './suite.ts'
import { INTROSPECTED_ISSUERS, type VectorWorld } from './world.ts'

const now = (): number => Math.floor(Date.now() / 1000)

/** Moves the times of an answer by the age of the figure; a time long before the figure stays in the past. */
const moved = (body: Members, by: number): Members =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      ['exp', 'iat', 'nbf'].includes(name) ? Number(value) + by : value,
    ]),
  )

/** Whether `active` is a boolean. Anything else is not an introspection response, and not the caller's fault. */
const isAnswer = (json: unknown): boolean => typeof (json as Members | null)?.['active'] === 'boolean'

/** RFC 7662: each answer by itself, and merged into the figure, so that it differs from it in one thing. */
export function introspectionAnswers(directory: string, world: VectorWorld): Part {
  interface Answer {
    readonly id: string
    readonly body?: unknown
    readonly status?: number
    readonly now?: number
    readonly verdict: string
  }
  const file = readData<{ introspection_responses: Answer[] }>(directory, 'rfc7662_8705.json')
  const answers = file.introspection_responses
  const figure = answers.find(({ verdict }) => verdict === 'allow') as Answer & { body: Members }
  const by = now() - figure.now!
  const runWith = (stated: IssuerAnswer) => () => world.asOpaque('plain', stated)
  const cases = answers.flatMap(({ id, body, status, verdict }): VectorCase[] => {
    const rule =
      verdict === 'allow'
        ? ({ expect: 'accept' } as const)
        : ({ expect: 'refuse', status: isAnswer(body) ? 401 : 503 } as const)
    if (status !== undefined) return [{ id, ...rule, run: runWith({ status, json: {} }) }]
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    const json = isObject ? moved(body as Members, by) : body
    const alone = { id, ...rule, run: runWith({ json }) }
    const change = isObject && Object.keys(body).length > 0 ? moved({ ...figure.body, ...body }, by) : null
    return change === null
      ? [alone]
      : [alone, { ...alone, id: `${id}, the rest as in the figure`, run: runWith({ json: change }) }]
  })
  return { name: 'RFC 7662, answers at the edges', cases }
}

/** The difference between each derived case of RFC 9701 and a correct answer. */
const CHANGES: Readonly<Record<string, (json: Members) => IssuerAnswer>> = {
  ok: () => ({ signed: {} }),
  'typ JWT': () => ({ signed: { header: { typ: 'JWT' } } }),
  'typ missing': () => ({ signed: { header: { typ: undefined } } }),
  'alg none': () => ({ signed: { header: { alg: 'none' } } }),
  'aud another resource server': () => ({ signed: { claims: { aud: 'https://other.example' } } }),
  'iss not the configured AS': () => ({ signed: { claims: { iss: 'https://evil.example/' } } }),
  'active true at top level and token_introspection absent': () => ({
    signed: { claims: { token_introspection: undefined, active: true } },
  }),
  'token_introspection.active false': (json) => ({ json: { ...json, active: false }, signed: {} }),
  'token_introspection.active "true" (string)': (json) => ({ json: { ...json, active: 'true' }, signed: {} }),
  'response content-type application/json while JWT was required': () => ({
    type: 'application/json',
    signed: {},
  }),
  'iat older than the cache window (replayed response)': () => ({ signed: { claims: { iat: now() - 600 } } }),
}

/** RFC 9701: the answer of the figure, signed with a key of ours, with one change. */
export function signedAnswers(directory: string, world: VectorWorld): Part {
  interface File {
    readonly claims: Members & { readonly token_introspection: Members & { readonly iat: number } }
    readonly derived_cases: readonly { readonly id: string }[]
  }
  const { claims, derived_cases: derived } = readData<File>(directory, 'rfc9701.json')
  const figure = claims.token_introspection
  const json = { ...moved(figure, now() - 5 - figure.iat), iss: INTROSPECTED_ISSUERS.signed.issuer }
  const cases = derived.flatMap(({ id }): VectorCase[] => {
    const change = CHANGES[id]
    if (change === undefined) return []
    const stated = change(json)
    const envelope = { iss: INTROSPECTED_ISSUERS.signed.issuer, ...stated.signed?.claims }
    const answer = { json, ...stated, signed: { ...stated.signed, claims: envelope } }
    const run = () => world.asOpaque('signed', answer)
    if (id === 'ok') return [{ id, expect: 'accept', run }]
    // Only this change leaves a valid introspection response.
    return [{ id, expect: 'refuse', status: id === 'token_introspection.active false' ? 401 : 503, run }]
  })
  return { name: 'RFC 9701, answers at the edges', notBuilt: derived.length - 1 - cases.length, cases }
}
