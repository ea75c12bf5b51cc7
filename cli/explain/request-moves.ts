// Moves about refusals of the request: its credential, its path and host, and what an edge or an issuer could not do.

import type { FailureCode } from '../../shared/index.ts'
import type { Facts } from './facts.ts'
import { always, client, detailOf, issuer, issuerPath, sectionPath, you } from './move.ts'
import type { FindMoves, Move } from './move.ts'

/** How a request differs from the nearest rule, by `detail.problem`. */
const DIFFERS: Readonly<Record<string, (path: string, nearest: string) => readonly Move[]>> = {
  trailing_slash: (path, nearest) => [
    client(
      path.endsWith('/')
        ? `Leave out the slash at the end of ${path}.`
        : `Add a slash to the end of ${path}.`,
    ),
    you(`If ${path} is a path of the API, too: add a rule for it. ${nearest} does not cover it.`),
  ],
  case: (_, nearest) => [client(`Write the path and the method as in ${nearest}: case counts.`)],
  prefix: (path, nearest) => [
    you(
      `${path} has one segment more at its beginning than ${nearest}, as with a stage or a base path: add it to the rule, or take it off before the edge.`,
    ),
  ],
  extra_segment: (path, nearest) => [
    you(`${nearest} covers no path below it: add a rule for ${path}, or {name+} to the template.`),
  ],
  missing_segment: (path, nearest) => [
    client(`${path} lacks a last segment; the nearest rule is ${nearest}.`),
  ],
  method: (_, nearest) => [client(`Use a method of ${nearest}.`), you(`Or add the method to ${nearest}.`)],
  method_case: (_, nearest) => [client(`Write the method in capital letters, as in ${nearest}.`)],
}

function withoutRule(facts: Facts): readonly Move[] {
  const { path, method } = facts.request
  const [nearest, problem] = [detailOf(facts, 'nearest'), detailOf(facts, 'problem')]
  const differs = nearest === '' ? undefined : DIFFERS[problem]
  return (
    differs?.(path, nearest) ?? [
      you(`Add a rule for ${method} ${path} to routes, if it is a path of the API.`),
    ]
  )
}

const lookedUp = (what: string): FindMoves =>
  always(issuer(what), you('Until then the Worker answers 503 with Retry-After; no client is at fault.'))

const unreachable = lookedUp('The endpoint does not answer as it should: see the status of its service.')

const credentials: FindMoves = (facts) => [
  you(
    `The issuer does not accept the credentials in ${issuerPath(facts, 'introspection')}: compare clientId and secret.`,
  ),
]

const keysUnavailable: FindMoves = (facts) => {
  const problem = detailOf(facts, 'problem')
  const at = issuerPath(facts, 'keys')
  if (problem.startsWith('metadata_'))
    return [
      you(
        `The metadata of the issuer does not fit (${problem}): compare ${at} and ${issuerPath(facts, 'issuer')}.`,
      ),
    ]
  return [
    issuer(`Its key set could not be fetched (${problem}).`),
    you(`See ${at}, and whether the edge may reach that host.`),
  ]
}

export const REQUEST_MOVES = {
  credential_missing: always(client('Send the access token in the Authorization field: "Bearer TOKEN".')),
  credential_scheme: always(client('Use the scheme Bearer; DPoP only with a token that is bound to a key.')),
  credential_malformed: always(
    client(
      'Send "Bearer", one space and the token, with nothing before or after it: no quotes, no line break.',
    ),
  ),
  credential_repeated: always(client('Send one Authorization field with one token.')),
  credential_in_query: always(
    client('Leave access_token out of the query; send the token in the Authorization field.'),
  ),
  identity_sources_missing: always(
    you('Add the identity sources to the authorizer, or set aws.resultTtlSeconds to 0.'),
  ),
  target_ambiguous: (facts) => [
    client(`Two servers could read this path in two ways (${detailOf(facts, 'problem')}): write it plainly.`),
  ],
  target_too_long: (facts) => [
    client('Shorten the path.'),
    you(`Or raise ${sectionPath(facts, 'limits.maxPathBytes')}.`),
  ],
  host_unknown: (facts) => [
    you(`Add the host to ${sectionPath(facts, 'publicUrls')}, if clients may use it.`),
    client('Or use a host that is listed there.'),
  ],
  route_unknown: withoutRule,
  method_unknown: withoutRule,

  keys_unavailable: keysUnavailable,
  secret_unavailable: (facts) => [
    you(`A secret cannot be used (${detailOf(facts, 'problem')}): see the event "secret" in the log.`),
  ],
  introspection_unreachable: unreachable,
  introspection_timeout: unreachable,
  introspection_status: unreachable,
  introspection_redirect: unreachable,
  introspection_too_large: unreachable,
  introspection_empty: unreachable,
  introspection_not_json: unreachable,
  introspection_malformed: unreachable,
  introspection_unverified: lookedUp('Its signed answer does not verify: see its keys.'),
  introspection_endpoint_unknown: (facts) => [
    you(`The metadata names no endpoint: set endpoint in ${issuerPath(facts, 'introspection')}.`),
  ],
  introspection_credentials_refused: credentials,
  introspection_unsupported: credentials,
  introspection_rate_limited: lookedUp('It limits how often it is asked.'),
  introspection_busy: lookedUp('It answers too slowly for the number of lookups.'),
  introspection_held: lookedUp('It failed before, so it is not asked for a while.'),
  userinfo_unavailable: lookedUp('Its userinfo endpoint does not answer as it should.'),
  deadline_exceeded: lookedUp('Its answers together took longer than a request may wait.'),
  event_unrecognised: always(you('The function got an event that no authorizer of API Gateway gets.')),
  request_unrecognised: always(
    you('Pass the result of toAuthorizationRequest to authorize, and no other object.'),
  ),
  internal_error: always(you('An exception in Lanekeeper: report it, with the detail of the log line.')),
} satisfies Partial<Record<FailureCode, FindMoves>>
