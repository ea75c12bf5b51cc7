// The questions themselves: is this token active, and who is its user? Loaded with the first of them (lazy-questions.ts).

import type {
  IntrospectedIssuer,
  MethodName,
  ResolvedIssuer,
  ResolvedMethods,
  ResolvedUserinfo,
} from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { createCachedQuestion, type AnswerCaches } from './cached-lookup.ts'
import { findMalformedFact } from './member-form.ts'
import { createGate } from './circuit-breaker.ts'
import { createIntrospection } from './introspection-request.ts'
import { problem, toClaims } from './introspection-result.ts'
import type { UserQuestion } from '../grant/userinfo-lookup.ts'
import type { TokenQuestion } from './token-lookup.ts'
import type { AskIssuer, Method, NoteFields } from './lookup-method.ts'
import { createCheck } from './provider-check.ts'
import { createUserinfo } from './userinfo.ts'

export { createAnswerCaches } from './cached-lookup.ts'

type CreateMethod<Settings> = (
  issuer: ResolvedIssuer,
  settings: Settings,
  keys: KeyStore,
  ports: Ports,
  note: NoteFields,
) => Method

const METHODS: { readonly [Kind in MethodName]: CreateMethod<ResolvedMethods[Kind]> } = {
  introspection: createIntrospection,
  check: createCheck,
}

const methodOf = <Kind extends MethodName>(kind: Kind): CreateMethod<ResolvedMethods[Kind]> => METHODS[kind]

/** Claims of the wrong form are an answer that cannot be used, and none to cache. */
const checkForm =
  (ask: AskIssuer, issuer: IntrospectedIssuer): AskIssuer =>
  async (token, waitUntil) => {
    const asked = await ask(token, waitUntil)
    const member = 'claims' in asked ? findMalformedFact(asked.claims, issuer) : undefined
    return member === undefined ? asked : problem('malformed', { member })
  }

export function createAskedTokenQuestion(
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  caches: AnswerCaches,
  ports: Ports,
): TokenQuestion {
  const { reader } = issuer.opaque
  const gate = createGate(ports.now)
  const method = methodOf(reader.kind)(issuer, reader, keys, ports, gate.note)
  const { cacheSeconds, timeoutMs } = reader
  const ask = createCachedQuestion(
    issuer,
    {
      ...{ gate, purpose: 'token', cacheSeconds, timeoutMs },
      ...{ ask: checkForm(method.ask, issuer), standing: method.standing },
    },
    caches,
    ports.now,
  )
  return {
    async find(token, waitUntil) {
      const found = toClaims(await ask(token, waitUntil))
      return isFailure(found) ? method.explainInactive(found, token, ports.now() / 1000) : found
    },
    retryAfterSeconds: ({ detail }) => gate.retryAfterSeconds(detail?.['why']),
  }
}

export function createAskedUserQuestion(
  issuer: ResolvedIssuer,
  settings: ResolvedUserinfo,
  caches: AnswerCaches,
  ports: Ports,
): UserQuestion {
  const gate = createGate(ports.now)
  const userinfo = createUserinfo(issuer, settings, ports)
  const { cacheSeconds, timeoutMs } = settings
  const ask = createCachedQuestion(
    issuer,
    // Asked about tokens alone that are known to be active.
    { gate, purpose: 'userinfo', ask: userinfo.ask, standing: () => 'known', cacheSeconds, timeoutMs },
    caches,
    ports.now,
  )
  return {
    identify(claims, token, waitUntil) {
      const nobody = userinfo.checkSubject(claims)
      return nobody ?? ask(token, waitUntil).then((asked) => userinfo.complete(claims, asked))
    },
    retryAfterSeconds: ({ detail }) => gate.retryAfterSeconds(detail?.['why']),
  }
}
