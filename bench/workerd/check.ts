// Checks each Worker before it is timed: it must accept the good token and refuse a tampered one; ours must also refuse
// a token without the scope.

import { Stop } from '../../cli/stop.ts'
import { tamper } from '../contestants/check.ts'
import { PATH } from '../contestants/ours.ts'
import type { Algorithm, World } from '../world.ts'
import { load, toRequest } from './load.ts'

/** @throws {Stop} naming the Worker with a wrong answer. */
export async function checkWorker(
  name: string,
  port: number,
  world: World,
  { algorithm = 'RS256', scope = true }: { algorithm?: Algorithm; scope?: boolean } = {},
): Promise<void> {
  const good = await world.token(algorithm)
  const cases = [
    ['a good token', good, 200],
    ['a good token that comes again', good, 200],
    ['a tampered token', tamper(good), 401],
    ...(scope
      ? ([['a token without the scope', await world.token(algorithm, { scope: 'x' }), 403]] as const)
      : []),
  ] as const
  for (const [what, token, status] of cases) {
    await load(port, [toRequest(PATH, `Bearer ${token}`)], 1, status).catch((error: Error) => {
      throw new Stop(`${name} and ${what}: ${error.message}. The run ends.`, 1)
    })
  }
}
