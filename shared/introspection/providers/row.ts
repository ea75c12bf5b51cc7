// What a provider's own check is: the request to make and how to read what comes back. Rows are pure; asking is
// done for them. The claims they give are in the words of RFC 7662 section 2.2, and `aud` is the app that the
// provider names, so that the pin on our app is the rule on the audience. Nothing else of an answer is kept:
// some of them echo the token.

import type { IntrospectionResult } from '../introspection-result.ts'
import { isScopeToken } from '../../grant/scope.ts'
import { member, type JsonObject } from '../../token/strict-json.ts'

export interface App {
  readonly id: string
  /** Empty where the provider wants none. */
  readonly secret: string
}

export interface CheckRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ProviderCheck {
  /**
   * What most of its tokens look like. Providers promise no form, and whoever makes tokens up can copy it: it decides how much
   * room there is for tokens that nobody has seen, and refuses none.
   */
  readonly form: RegExp
  /** Statuses whose body is read; every other one is judged by itself. */
  readonly read: readonly number[]
  readonly toRequest: (baseUrl: string, token: string, app: App) => CheckRequest
  /** `body` is `null` where the status says it all. `nowSeconds`: seconds since the epoch. */
  readonly readAnswer: (status: number, body: JsonObject | null, nowSeconds: number) => IntrospectionResult
}

/** Text of an identifier that a provider gives now as a number, now as a text; anything else is malformed, later. */
export function identifier(object: JsonObject, name: string): unknown {
  const value = member(object, name)
  return Number.isSafeInteger(value) ? String(value) : value
}

/** A list of scopes as RFC 6749 section 3.3 writes it. What is there and is no list of scopes is malformed, later. */
export function joinScopes(value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  const isList = Array.isArray(value) && value.every((word) => typeof word === 'string' && isScopeToken(word))
  return isList ? value.join(' ') : []
}

/** The members that are there. */
export const claimsOf = (members: Readonly<Record<string, unknown>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
