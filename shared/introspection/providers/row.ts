// A provider's own check: the request to make, and how to read the answer. Rows are pure; provider-check.ts makes the
// request. Their claims have the names of RFC 7662 section 2.2. `aud` is the app that the provider names, so the
// audience rule is what refuses tokens of other apps. All other members of an answer are dropped: some answers echo the
// token.

import type { IntrospectionResult } from '../introspection-result.ts'
import { isScopeToken } from '../../grant/scope.ts'
import { member, type JsonObject } from '../../token/strict-json.ts'

export interface App {
  readonly id: string
  /** Empty if the provider needs none. */
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
   * What most tokens of the provider look like. Providers promise no form, and anybody who makes up tokens can copy it.
   * So it refuses no token: it only decides the standing of a token that is not `known`.
   */
  readonly form: RegExp
  /** Statuses whose bodies are read. */
  readonly read: readonly number[]
  readonly toRequest: (baseUrl: string, token: string, app: App) => CheckRequest
  /** `body` is `null` for a status that is not in `read`. `nowSeconds`: since the epoch. */
  readonly readAnswer: (status: number, body: JsonObject | null, nowSeconds: number) => IntrospectionResult
}

/**
 * An identifier that a provider sends as a number or as a string. Any other value stays as it is, to be refused later.
 */
export function identifier(object: JsonObject, name: string): unknown {
  const value = member(object, name)
  return Number.isSafeInteger(value) ? String(value) : value
}

/**
 * A list of scopes as a string (RFC 6749 section 3.3). For any other value it is `[]`, which member-form.ts refuses.
 */
export function joinScopes(value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  const isList = Array.isArray(value) && value.every((word) => typeof word === 'string' && isScopeToken(word))
  return isList ? value.join(' ') : []
}

/** The members that have a value. */
export const claimsOf = (members: Readonly<Record<string, unknown>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
