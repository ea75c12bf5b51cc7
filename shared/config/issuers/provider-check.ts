// `issuers.NAME.check`: a provider's own API that checks its tokens, for providers without introspection.

import { PROVIDER_FACTS, type Provider } from '../../introspection/providers/facts.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import { checkOneOf, isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import { answerTimesAsAbove, checkAnswerTimes, type AnswerTimes, type ResolvedMethod } from './endpoint.ts'

/** A provider without introspection, whose own API checks its access tokens. */
export interface CheckConfig extends AnswerTimes {
  /** The provider whose API is used. */
  readonly provider: Provider
  /** Your app at the provider (client id, app id, application uid). Tokens of other apps are refused. */
  readonly clientId: string | readonly string[]
  /** Where the app's secret is. Required for GitHub and Facebook, a problem for the others. */
  readonly secret?: SecretRef
  /** Base URL of the API of an enterprise host, without a last `/`. Default: the provider's public API. */
  readonly baseUrl?: string
}

/** `CheckConfig` with every default filled in. */
export interface ResolvedCheck extends ResolvedMethod {
  readonly kind: 'check'
  readonly provider: Provider
  readonly clientId: string
  readonly secret: SecretRef | null
  readonly baseUrl: string
}

export const checkMeanings = (): Meanings<keyof CheckConfig> => ({
  provider: { absent: 'required', meaning: '`github`, `google`, `facebook` or `gitlab`' },
  clientId: {
    absent: 'required',
    meaning: 'your app at the provider; for `google` and `gitlab` also a list',
  },
  secret: {
    absent: 'required, or forbidden',
    meaning: 'where the secret of the app is (`github`, `facebook`)',
  },
  baseUrl: { absent: 'the public API', meaning: 'for enterprise hosts' },
  ...answerTimesAsAbove(),
})

const MEMBERS = [
  'provider',
  'clientId',
  'secret',
  'baseUrl',
  'cacheSeconds',
  'timeoutSeconds',
] as const satisfies readonly (keyof CheckConfig)[]

/** Without the values of `clientId` and `baseUrl`, which plan/values/lookups.ts adds. */
export function checkProvider(
  value: unknown,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedCheck {
  const given = objectAt(value, path, addProblem, MEMBERS)
  const provider = checkOneOf(
    given['provider'],
    `${path}.provider`,
    Object.keys(PROVIDER_FACTS) as Provider[],
    addProblem,
  )
  const row = PROVIDER_FACTS[provider]
  const { clientId } = given
  if (row.needsSecret && Array.isArray(clientId) && clientId.length > 1 && clientId.every(isNonEmptyString))
    addProblem(`${path}.clientId`, 'must be one app, because the secret is that of one')
  if (!row.needsSecret && given['secret'] !== undefined)
    addProblem(`${path}.secret`, `is not needed: ${provider} checks the token without one`)
  return {
    kind: 'check',
    provider,
    clientId: '',
    secret: row.needsSecret
      ? checkSecret(given['secret'], 'client_secret', `${path}.secret`, environment, addProblem)
      : null,
    baseUrl: row.baseUrl,
    // The API of a provider checks access tokens alone. Some of them are valid for months. The app is the audience.
    ...({ requiredMembers: [], clients: null, boundsLifetime: false, response: 'json' } as const),
    withoutSub: row.hasClientTokens ? 'client' : 'refuse',
    ...checkAnswerTimes(given, path, addProblem),
  }
}
