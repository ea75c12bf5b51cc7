// Checks every contestant before it is timed: it must accept the good token and refuse every bad one. The run ends at
// the first contestant that does not.

import { Stop } from '../../cli/stop.ts'
import { AUDIENCE, type Algorithm, type World } from '../world.ts'
import type { Contestant, Verdict } from './contestant.ts'

const refuses = async (verdict: () => Verdict): Promise<boolean> => {
  try {
    return (await verdict()) !== true
  } catch {
    return true
  }
}

/** The same token with one character of its signature changed. */
export function tamper(token: string): string {
  const at = token.lastIndexOf('.') + 20
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

const HOUR = 3_600

/**
 * Tokens that must be refused, and the word in `unchecked` by which a contestant states that it does not check them.
 */
const BAD: readonly { readonly what: string; readonly admitted: string; readonly claims: object }[] = [
  { what: 'a token for another audience', admitted: 'aud', claims: { aud: 'https://other.example.com' } },
  { what: 'a token of another issuer', admitted: 'iss', claims: { iss: 'https://other.example.com' } },
  {
    what: 'an expired token',
    admitted: 'exp',
    claims: { exp: Math.floor(Date.now() / 1000) - HOUR, iat: Math.floor(Date.now() / 1000) - 2 * HOUR },
  },
  { what: 'a token without the scope', admitted: 'scope', claims: { scope: 'openid' } },
]

/** @throws {Stop} naming the contestant and its wrong verdict. */
export async function checkContestant(
  { name, unchecked, create }: Contestant,
  world: World,
  algorithm: Algorithm,
): Promise<void> {
  const wrong = (what: string) =>
    new Stop(
      `${name} ${what} (${algorithm}). A contestant with a wrong verdict is not timed: the run ends.`,
      1,
    )
  const verify = await create(world, algorithm)
  const good = `Bearer ${await world.token(algorithm)}`
  for (const time of ['first', 'second'])
    if (await refuses(() => verify(good)))
      throw wrong(`refuses a good token for ${AUDIENCE} the ${time} time`)
  if (!(await refuses(() => verify(tamper(good))))) throw wrong('accepts a tampered token')
  for (const { what, admitted, claims } of BAD) {
    if (unchecked.split(/\W+/).includes(admitted)) continue
    const bad = `Bearer ${await world.token(algorithm, claims as Record<string, unknown>)}`
    if (!(await refuses(() => verify(bad)))) throw wrong(`accepts ${what}`)
  }
}
