// From the start of a process to its first decision: our artefact and a handler with aws-jwt-verify, both with a fetch
// of the key set over TLS from loopback, and both with the keys at hand. Beside them a handler that does nothing, and
// the steps of ours. All are bundled alike.

import { join } from 'node:path'
import { Stop } from '../../cli/stop.ts'
import { buildOurs } from '../artefacts.ts'
import { configFor } from '../contestants/ours.ts'
import { buildHandler } from '../lambda/build.ts'
import { startSecureKeys, type SecureKeys } from '../lambda/secure-keys.ts'
import { checkStarters, timeStarts, type Starter } from '../lambda/starts.ts'
import { coldStart } from '../lambda/boot.ts'
import { environmentFor, toEvent } from '../lambda/event.ts'
import { addedTo, ratioOf, type Group, type Target } from '../result.ts'
import type { RunRow } from '../row.ts'
import { figure } from '../present.ts'

const EMPTY = 'empty'
const HTTPS = 'node:https, read'
const THEIRS = 'aws-jwt-verify'
const THEIRS_AT_HAND = 'aws-jwt-verify, cacheJwks'
const OURS = 'lanekeeper'
const LOGGED = 'lanekeeper and its log line'
const STARTED = 'lanekeeper, started'
const AT_HAND = 'lanekeeper, keys at hand'

const EFFORT = { quick: { rounds: 9, warmUp: 1 }, full: { rounds: 41, warmUp: 2 } } as const

/**
 * The artefact with the keys in it.
 *
 * @throws {Stop} if it fetches the key set before its first answer all the same.
 */
async function buildAtHand(secure: SecureKeys, directory: string): Promise<string> {
  const { world, fetches } = secure
  const keys = { jwks_uri: world.jwksUri, bundled: { maxAgeSeconds: 86_400 } }
  const config = configFor(world, ['RS256'], keys)
  const { file } = await buildOurs(config, 'aws', join(directory, 'lambda', 'ours-at-hand'))
  const before = fetches()
  await coldStart(file, environmentFor(secure), toEvent(await world.token('RS256')))
  if (fetches() !== before) throw new Stop(`${AT_HAND}: fetches before its first answer. The run ends.`, 1)
  return file
}

const target = (what: string, most: number, group: Group, name: string, reference: string): Target => ({
  what,
  bound: { most },
  unit: '×',
  reached: ratioOf(group, name, reference),
})

const atHandTargets = (wall: Group): Target[] => {
  const what = 'Lambda with keys at hand, cold start against'
  return [
    target(`${what} aws-jwt-verify that fetches`, 0.78, wall, AT_HAND, THEIRS),
    target(`${what} aws-jwt-verify with cacheJwks`, 1, wall, AT_HAND, THEIRS_AT_HAND),
  ]
}

export const runColdStart: RunRow = async (bench) => {
  const { quick, directory, progress } = bench
  progress('building the handlers')
  const secure = await startSecureKeys(bench)
  const { world } = secure
  const environment = environmentFor(secure)
  const config = configFor(world, ['RS256'])
  const ours = (await buildOurs(config, 'aws', join(directory, 'lambda', 'ours'))).file
  const atHand = await buildAtHand(secure, directory)
  const theirs = await buildHandler('aws-jwt-verify', 'aws-jwt-verify.ts', directory)
  const empty = await buildHandler('empty', 'empty.ts', directory)
  const https = await buildHandler('https', 'https.ts', directory)
  const withKeys = { ...environment, JWKS: secure.published }
  const withConsole = { ...environment, CONSOLE: 'on' }
  const starters: readonly Starter[] = [
    { name: EMPTY, bundle: empty, environment, does: 'answers' },
    { name: THEIRS, bundle: theirs, environment, does: 'verifies' },
    { name: THEIRS_AT_HAND, bundle: theirs, environment: withKeys, does: 'verifies' },
    { name: OURS, bundle: ours, environment, does: 'verifies' },
    { name: AT_HAND, bundle: atHand, environment, does: 'verifies' },
    { name: LOGGED, bundle: ours, environment: withConsole, does: 'verifies' },
    { name: HTTPS, bundle: https, environment, does: 'answers' },
    { name: STARTED, bundle: ours, environment, does: 'loads' },
  ]
  await checkStarters(starters, world)
  const { wall, cpu } = await timeStarts(
    'RS256, key set over TLS from loopback',
    THEIRS,
    starters,
    EFFORT[quick ? 'quick' : 'full'],
    world,
    progress,
  )
  const above = (name: string, group: Group) => `${figure(addedTo(group, EMPTY, name), 1)} ms`
  return {
    row: 'cold-start',
    groups: [wall, cpu],
    targets: [
      target('Lambda cold start, against a handler with aws-jwt-verify', 1.06, wall, OURS, THEIRS),
      ...atHandTargets(wall),
    ],
    notes: [
      `Above a handler that does nothing: ours ${above(OURS, wall)} (CPU ${above(OURS, cpu)}), aws-jwt-verify ${above(THEIRS, wall)} (CPU ${above(THEIRS, cpu)}).`,
      `Ours against a handler that does nothing: ${figure(ratioOf(wall, OURS, EMPTY).median, 2)}.`,
      `Of ours: the artefact started, without a fetch, ${above(STARTED, wall)} (CPU ${above(STARTED, cpu)}). node:https alone: ${above(HTTPS, wall)} (CPU ${above(HTTPS, cpu)}).`,
      `CPU with keys at hand: ${figure(ratioOf(cpu, AT_HAND, THEIRS).median, 2)} of aws-jwt-verify that fetches, ${figure(ratioOf(cpu, AT_HAND, THEIRS_AT_HAND).median, 2)} of it with cacheJwks.`,
      'Everybody fetches with the client that they bring along. The loopback server answers at once; what a network adds is the same for both.',
    ],
  }
}
