// By which name a client stands in the log.

import { member, type JsonObject } from './strict-json.ts'

const MAX_CLIENT_CHARS = 256

/** The client of a verified claims set, where it has a name that fits a log. `claim`: where the profile has it. */
export const clientOf = (claims: JsonObject, claim: string): string | undefined =>
  clientNamed(member(claims, claim) ?? member(claims, 'client_id') ?? member(claims, 'azp'))

/** The same for a name that was found. */
export function clientNamed(client: unknown): string | undefined {
  return typeof client === 'string' && client.length <= MAX_CLIENT_CHARS && client !== '' ? client : undefined
}
